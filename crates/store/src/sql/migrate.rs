//! Schema migrations: ordered, each applied once, never changed afterwards.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::StoreError;

/// In order; the first is version 1. A file that was released is never edited: its checksum is in every store.
pub(super) const MIGRATIONS: &[(&str, &str)] =
    &[("0001_ledger", include_str!("../../migrations/sqlite/0001_ledger.sql"))];

/// Brings the schema up to date, each migration in a transaction of its own.
pub(super) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    apply(connection, MIGRATIONS)
}

pub(super) fn apply(connection: &mut Connection, migrations: &[(&str, &str)]) -> Result<(), StoreError> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (
            version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum BLOB NOT NULL
         ) STRICT",
    )?;
    let applied: Vec<(u32, Vec<u8>)> = connection
        .prepare("SELECT version, checksum FROM schema_migrations ORDER BY version")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    // An older program would write rows that the newer schema does not mean.
    if let Some((found, _)) = applied.last().filter(|(found, _)| *found > known) {
        return Err(StoreError::NewerSchema { found: *found, known });
    }
    for (index, (version, (name, sql))) in (1u32..).zip(migrations).enumerate() {
        let checksum = jose::sha256(sql.as_bytes());
        match applied.get(index) {
            Some((_, recorded)) if *recorded == checksum => {}
            Some(_) => {
                return Err(StoreError::Failed(format!(
                    "migration {name} differs from the one that made this store; it was made by a changed build"
                )));
            }
            None => {
                let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                step.execute_batch(sql)?;
                step.execute(
                    "INSERT INTO schema_migrations (version, name, checksum) VALUES (?1, ?2, ?3)",
                    (version, name, &checksum[..]),
                )?;
                step.commit()?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_migration_is_applied_once_and_in_order() {
        let mut connection = Connection::open_in_memory().expect("memory");
        let first = ("0001_one", "CREATE TABLE one (id INTEGER PRIMARY KEY) STRICT");
        let second = ("0002_two", "ALTER TABLE one ADD COLUMN name TEXT; INSERT INTO one (id, name) VALUES (1, 'x')");
        apply(&mut connection, &[first]).expect("new");
        for _ in 0..2 {
            apply(&mut connection, &[first, second]).expect("one step further, or none");
        }
        let rows: i64 = connection.query_row("SELECT count(*) FROM one", [], |row| row.get(0)).expect("readable");
        assert_eq!(rows, 1);
        let older = apply(&mut connection, &[first]);
        assert_eq!(older, Err(StoreError::NewerSchema { found: 2, known: 1 }));
    }

    #[test]
    fn a_migration_that_fails_leaves_nothing_behind() {
        let mut connection = Connection::open_in_memory().expect("memory");
        let broken = ("0001_broken", "CREATE TABLE one (id INTEGER PRIMARY KEY) STRICT; INSERT INTO none VALUES (1)");
        apply(&mut connection, &[broken]).expect_err("the second statement fails");
        let mended = ("0001_mended", "CREATE TABLE one (id INTEGER PRIMARY KEY) STRICT");
        apply(&mut connection, &[mended]).expect("the first statement was taken back");
    }
}
