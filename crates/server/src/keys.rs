//! Signing keys: files that only the owner reads, one algorithm per key, rotated with overlap.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use jose::{Algorithm, JoseError, JwkSet, Seconds, Secret, SigningKey, UnixTime};
use protocol::token::Signer;
use serde::{Deserialize, Serialize};

/// How long a key that no longer signs stays published: longer than any token it signed lives.
pub const OVERLAP: Seconds = Seconds(86_400);

/// What can go wrong with keys. Texts name the file, never its content.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file does not hold a key as this server writes it.
    #[error(
        "{path}: not a signing key of this server: {why}. Restore it from a backup, or remove it and run `safeconduct keys rotate`."
    )]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Others could read a private key.
    #[error(
        "{path}: may be read by others (mode {mode:o}). Run: chmod 600 {path}; and rotate the key if others had access."
    )]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The crypto library refused.
    #[error("a key could not be made: {0}")]
    Jose(#[from] JoseError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    kid: String,
    alg: Algorithm,
    created: UnixTime,
    /// From then on it signs.
    signs_from: UnixTime,
    /// The private JWK, as text.
    jwk: String,
}

/// A key and its times.
pub struct KeyEntry {
    key: SigningKey,
    created: UnixTime,
    signs_from: UnixTime,
    path: PathBuf,
}

/// What a key does at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// It signs.
    Active,
    /// Published, so that everybody has it before it signs.
    Next,
    /// Another one signs; tokens that it signed may still be around.
    Retired,
}

/// A key as `keys list` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct KeyInfo {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// Its one algorithm.
    pub alg: Algorithm,
    /// What it does.
    pub state: KeyState,
    /// Made at.
    pub created: UnixTime,
    /// Signs since, or from.
    pub signs_from: UnixTime,
}

/// The keys at one moment.
pub struct Keys {
    entries: Vec<KeyEntry>,
    active: BTreeMap<Algorithm, usize>,
    published: JwkSet,
    document: String,
}

impl Keys {
    fn at(mut entries: Vec<KeyEntry>, now: UnixTime) -> Result<Keys, KeyError> {
        entries.sort_by_key(|entry| (entry.signs_from, entry.created));
        let mut active = BTreeMap::new();
        for (at, entry) in entries.iter().enumerate() {
            if entry.signs_from <= now {
                active.insert(entry.key.algorithm(), at);
            }
        }
        let published = JwkSet::from_keys(entries.iter().map(|entry| entry.key.public_jwk().clone()))?;
        let document = published.to_json();
        Ok(Keys { entries, active, published, document })
    }

    /// The public keys: those that sign, will sign, or have signed lately.
    pub fn public(&self) -> &JwkSet {
        &self.published
    }

    /// The `jwks_uri` document. Public members only.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Algorithms that can sign now.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        self.active.keys().copied().collect()
    }

    /// All keys, oldest first.
    pub fn list(&self) -> Vec<KeyInfo> {
        let state = |at: usize, entry: &KeyEntry| match self.active.get(&entry.key.algorithm()) {
            Some(active) if *active == at => KeyState::Active,
            Some(active) if at < *active => KeyState::Retired,
            _ => KeyState::Next,
        };
        let info = |(at, entry): (usize, &KeyEntry)| KeyInfo {
            kid: entry.key.kid().to_owned(),
            alg: entry.key.algorithm(),
            state: state(at, entry),
            created: entry.created,
            signs_from: entry.signs_from,
        };
        self.entries.iter().enumerate().map(info).collect()
    }

    /// When the key that signs with `alg` was succeeded or began: its age is counted from here.
    fn newest(&self, alg: Algorithm) -> Option<&KeyEntry> {
        self.entries.iter().rev().find(|entry| entry.key.algorithm() == alg)
    }
}

impl Signer for Keys {
    fn key(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        self.active.get(&algorithm).map(|at| &self.entries[*at].key)
    }
}

/// The key directory, and the keys as they are now.
pub struct KeyRing {
    directory: PathBuf,
    keys: ArcSwap<Keys>,
    writing: std::sync::Mutex<()>,
}

type Alone<'a> = std::sync::MutexGuard<'a, ()>;

impl KeyRing {
    /// Reads all keys of `directory` and makes those of `algorithms` that are missing.
    pub fn open(directory: &Path, algorithms: &[Algorithm], now: UnixTime) -> Result<KeyRing, KeyError> {
        let file_error = |source| KeyError::File { path: directory.to_owned(), source };
        fs::create_dir_all(directory).map_err(file_error)?;
        // defends: signing-key-compromise
        crate::files::restrict(directory, 0o700).map_err(file_error)?;
        let ring = KeyRing {
            directory: directory.to_owned(),
            keys: ArcSwap::from_pointee(Keys::at(read_all(directory)?, now)?),
            writing: std::sync::Mutex::new(()),
        };
        for alg in algorithms {
            ring.ensure(*alg, now)?;
        }
        Ok(ring)
    }

    /// The keys as they are now.
    pub fn load(&self) -> Arc<Keys> {
        self.keys.load_full()
    }

    /// Makes a key for `alg` if none can sign with it.
    pub fn ensure(&self, alg: Algorithm, now: UnixTime) -> Result<(), KeyError> {
        self.ensure_alone(&self.alone(), alg, now)
    }

    fn ensure_alone(&self, alone: &Alone, alg: Algorithm, now: UnixTime) -> Result<(), KeyError> {
        if self.load().key(alg).is_some() {
            return Ok(());
        }
        self.add(alone, alg, now, now).map(|_| ())
    }

    /// Makes a new key for `alg` that signs from `signs_from` on. The one before it stays published for [`OVERLAP`].
    pub fn rotate(&self, alg: Algorithm, signs_from: UnixTime, now: UnixTime) -> Result<String, KeyError> {
        self.add(&self.alone(), alg, signs_from, now)
    }

    /// Removes a key at once, and makes another for its algorithm: for a key that others have seen.
    pub fn discard(&self, kid: &str, now: UnixTime) -> Result<bool, KeyError> {
        let alone = self.alone();
        let keys = self.load();
        let Some(entry) = keys.entries.iter().find(|entry| entry.key.kid() == kid) else { return Ok(false) };
        let alg = entry.key.algorithm();
        fs::remove_file(&entry.path).map_err(|source| KeyError::File { path: entry.path.clone(), source })?;
        self.reload(&alone, now)?;
        self.ensure_alone(&alone, alg, now)?;
        Ok(true)
    }

    /// What time brings: new keys before the old are too old, and the end of those that retired long ago.
    ///
    /// Returns whether a key was made or removed.
    pub fn tend(&self, rotation_age: Seconds, publish_ahead: Seconds, now: UnixTime) -> Result<bool, KeyError> {
        let alone = self.alone();
        let keys = self.load();
        let mut changed = false;
        for alg in keys.algorithms() {
            let old_from = Seconds(rotation_age.0.saturating_sub(publish_ahead.0));
            // defends: signing-key-compromise
            if keys.newest(alg).is_some_and(|newest| now.saturating_since(newest.signs_from) >= old_from) {
                self.add(&alone, alg, now + publish_ahead, now)?;
                changed = true;
            }
        }
        for (at, entry) in keys.entries.iter().enumerate() {
            let successor = keys.entries[at + 1..].iter().find(|later| later.key.algorithm() == entry.key.algorithm());
            if successor.is_some_and(|later| now.saturating_since(later.signs_from) > OVERLAP) {
                fs::remove_file(&entry.path).map_err(|source| KeyError::File { path: entry.path.clone(), source })?;
                changed = true;
            }
        }
        self.reload(&alone, now)?;
        Ok(changed)
    }

    /// The right to read or change the folder: whoever read it before another changed it would bring a key back that was
    /// discarded, or lose one that was made.  defends: signing-key-compromise
    fn alone(&self) -> Alone<'_> {
        // A poisoned lock guards no data here: the directory is the truth.
        self.writing.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn reload(&self, _: &Alone, now: UnixTime) -> Result<(), KeyError> {
        self.keys.store(Arc::new(Keys::at(read_all(&self.directory)?, now)?));
        Ok(())
    }

    fn add(&self, alone: &Alone, alg: Algorithm, signs_from: UnixTime, now: UnixTime) -> Result<String, KeyError> {
        let key = SigningKey::generate(alg)?;
        let kid = key.kid().to_owned();
        let file =
            KeyFile { kid: kid.clone(), alg, created: now, signs_from, jwk: key.to_private_jwk().expose().clone() };
        let path = self.directory.join(format!("{kid}.json"));
        write_private(&path, &file).map_err(|source| KeyError::File { path: path.clone(), source })?;
        self.reload(alone, now)?;
        Ok(kid)
    }
}

fn write_private(path: &Path, file: &KeyFile) -> std::io::Result<()> {
    let text = Secret::new(serde_json::to_string_pretty(file)?);
    let half = path.with_extension("new");
    // Owner-only from the first byte on; whole or not there at all.
    let mut out = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half)?;
    out.write_all(text.expose().as_bytes())?;
    out.sync_all()?;
    fs::rename(&half, path)
}

fn read_all(directory: &Path) -> Result<Vec<KeyEntry>, KeyError> {
    let file_error = |path: &Path| {
        let path = path.to_owned();
        move |source| KeyError::File { path, source }
    };
    let mut entries = Vec::new();
    for found in fs::read_dir(directory).map_err(file_error(directory))? {
        let path = found.map_err(file_error(directory))?.path();
        if path.extension().is_some_and(|ext| ext == "json") {
            entries.push(read(path)?);
        }
    }
    Ok(entries)
}

fn read(path: PathBuf) -> Result<KeyEntry, KeyError> {
    let mode = crate::files::mode(&path).map_err(|source| KeyError::File { path: path.clone(), source })?;
    // defends: signing-key-compromise
    if mode & 0o077 != 0 {
        return Err(KeyError::Exposed { path, mode });
    }
    let text = fs::read_to_string(&path).map_err(|source| KeyError::File { path: path.clone(), source })?;
    let text = Secret::new(text);
    let malformed = |why: String| KeyError::Malformed { path: path.clone(), why };
    // serde's text could quote the file, so it is not passed on.
    let file: KeyFile =
        serde_json::from_str(text.expose()).map_err(|_| malformed("not the JSON it should be".into()))?;
    let key = SigningKey::from_private_jwk(&Secret::new(file.jwk)).map_err(|err| malformed(err.to_string()))?;
    if key.kid() != file.kid || key.algorithm() != file.alg {
        return Err(malformed("kid or alg is not that of the key".into()));
    }
    Ok(KeyEntry { key, created: file.created, signs_from: file.signs_from, path })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    const DAY: u32 = 86_400;

    #[test]
    fn signing_key_compromise_keys_are_private_files_and_rotate_by_age_with_overlap() {
        let dir = tempfile::tempdir().expect("a folder");
        let start = UnixTime(1_900_000_000);
        let ring = KeyRing::open(dir.path(), &[Algorithm::Es256], start).expect("opens");
        let first = ring.load().list()[0].clone();
        assert_eq!(first.state, KeyState::Active);
        let path = dir.path().join(format!("{}.json", first.kid));
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert!(!ring.load().document().contains("\"d\""));

        let (age, ahead) = (Seconds(90 * DAY), Seconds(2 * DAY));
        assert!(!ring.tend(age, ahead, start + Seconds(87 * DAY)).expect("young"));
        let due = start + Seconds(88 * DAY);
        assert!(ring.tend(age, ahead, due).expect("due"));
        assert_eq!(ring.load().list().iter().map(|k| k.state).collect::<Vec<_>>(), [KeyState::Active, KeyState::Next]);
        assert!(!ring.tend(age, ahead, due + Seconds(2 * DAY)).expect("takes over"));
        assert_eq!(
            ring.load().list().iter().map(|k| k.state).collect::<Vec<_>>(),
            [KeyState::Retired, KeyState::Active]
        );
        assert_eq!(ring.load().public().len(), 2, "old tokens stay verifiable");
        assert!(ring.tend(age, ahead, due + Seconds(4 * DAY)).expect("cleans"));
        assert_eq!(ring.load().list().len(), 1);
        assert!(!path.exists());
    }

    #[test]
    fn signing_key_compromise_a_readable_key_file_is_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let now = UnixTime(1_900_000_000);
        let ring = KeyRing::open(dir.path(), &[Algorithm::EdDsa], now).expect("opens");
        let path = dir.path().join(format!("{}.json", ring.load().list()[0].kid));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("chmod");
        assert!(matches!(KeyRing::open(dir.path(), &[], now), Err(KeyError::Exposed { .. })));
    }

    #[test]
    fn signing_key_compromise_a_discarded_key_does_not_come_back_while_keys_are_tended() {
        let dir = tempfile::tempdir().expect("a folder");
        let now = UnixTime(1_900_000_000);
        let ring = KeyRing::open(dir.path(), &[Algorithm::EdDsa], now).expect("opens");
        for _ in 0..40 {
            ring.rotate(Algorithm::EdDsa, now, now).expect("rotates");
        }
        let over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let tending = scope.spawn(|| {
                while !over.load(std::sync::atomic::Ordering::Relaxed) {
                    ring.tend(Seconds(90 * DAY), Seconds(DAY), now)?;
                }
                Ok::<(), KeyError>(())
            });
            let retired = ring.load().list().into_iter().filter(|key| key.state == KeyState::Retired);
            let mut back = 0;
            for key in retired {
                assert!(ring.discard(&key.kid, now).expect("discards"));
                for _ in 0..20 {
                    back += usize::from(ring.load().list().iter().any(|other| other.kid == key.kid));
                    std::thread::sleep(std::time::Duration::from_micros(200));
                }
            }
            over.store(true, std::sync::atomic::Ordering::Relaxed);
            tending.join().expect("no panic").expect("finds every file it looks for");
            assert_eq!(back, 0, "a key came back");
        });
    }

    #[test]
    fn discarding_a_key_makes_another_and_unpublishes_the_old() {
        let dir = tempfile::tempdir().expect("a folder");
        let now = UnixTime(1_900_000_000);
        let ring = KeyRing::open(dir.path(), &[Algorithm::Es256], now).expect("opens");
        let old = ring.load().list()[0].kid.clone();
        assert!(ring.discard(&old, now).expect("discards"));
        let list = ring.load().list();
        assert!(list.len() == 1 && list[0].kid != old && list[0].state == KeyState::Active);
    }
}
