//! Proofs as values: a later step takes what only an earlier step can make, so a skipped check does not compile.

/// A value that was seen for the first time, as the ledger recorded durably: a `jti`, a proof.
///
/// Made by the store's ledger alone. A `FirstUse` made elsewhere is a replay waiting to happen.
#[derive(Debug)]
pub struct FirstUse<T>(T);

impl<T> FirstUse<T> {
    /// Says that `value` was recorded as used, and was not recorded before. Only the ledger may say so.
    pub fn assertion(value: T) -> FirstUse<T> {
        FirstUse(value)
    }

    /// The value.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// The value, without the proof.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// A plan that the ledger carried out, all of it, and that is on disk.
///
/// Made by the store's ledger alone. A token signed without it would stand for a grant that was never spent.
#[derive(Debug)]
pub struct Committed<P>(P);

impl<P> Committed<P> {
    /// Says that `plan` was committed. Only the ledger may say so.
    pub fn assertion(plan: P) -> Committed<P> {
        Committed(plan)
    }

    /// The plan.
    pub fn get(&self) -> &P {
        &self.0
    }

    /// The plan, to render the answer from.
    pub fn into_inner(self) -> P {
        self.0
    }
}
