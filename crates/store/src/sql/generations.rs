//! A bounded map that forgets what was put in long ago.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// Two maps: what comes in goes to the young one; when that is full it becomes the old one, and the old one goes. Reading
/// changes nothing, so many can read at once. At most twice `capacity` entries.
pub(super) struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    capacity: usize,
}

impl<K: Eq + Hash, V> Generations<K, V> {
    pub(super) fn new(capacity: usize) -> Generations<K, V> {
        Generations { young: HashMap::new(), old: HashMap::new(), capacity }
    }

    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    pub(super) fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.young.get_mut(key).or_else(|| self.old.get_mut(key))
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= self.capacity {
            self.old = std::mem::take(&mut self.young);
        }
        // Never twice: the older copy would come back to light when the younger is removed.
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    pub(super) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.young.remove(key);
        self.old.remove(key);
    }

    pub(super) fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}
