//! Registered clients: a few, read at every request, changed rarely.

use std::sync::Arc;

use protocol::registration::RegisteredClient;
use rusqlite::{Connection, OptionalExtension, Result};

use super::Sqlite;
use super::rows::{execute, json};
use crate::error::StoreError;
use crate::write::Outcome;

pub(super) fn put(connection: &Connection, client: &RegisteredClient) -> Result<Outcome> {
    execute(
        connection,
        "INSERT INTO clients (client_id, record) VALUES (?1, ?2) ON CONFLICT (client_id) DO UPDATE SET \
         record = excluded.record",
        [client.id(), &json(&client.to_stored())],
    )
    .map(Outcome::Won)
}

pub(super) fn remove(connection: &Connection, id: &str) -> Result<Outcome> {
    execute(connection, "DELETE FROM clients WHERE client_id = ?1", [id]).map(Outcome::Won)
}

fn parse(id: &str, record: &str) -> std::result::Result<Arc<RegisteredClient>, StoreError> {
    let unreadable = |why: String| StoreError::Failed(format!("the registration of client {id} cannot be used: {why}"));
    let stored =
        serde_json::from_str(record).map_err(|_| unreadable("it is not what this release writes".to_owned()))?;
    RegisteredClient::from_stored(stored).map(Arc::new).map_err(|err| unreadable(err.to_string()))
}

impl Sqlite {
    pub(crate) fn client(&self, id: &str) -> std::result::Result<Option<Arc<RegisteredClient>>, StoreError> {
        let generation = match self.cache.client(id) {
            Ok(client) => return Ok(Some(client)),
            Err(generation) => generation,
        };
        let record: Option<String> = self.readers.read(|connection| {
            connection
                .prepare_cached("SELECT record FROM clients WHERE client_id = ?1")?
                .query_row([id], |row| row.get(0))
                .optional()
        })?;
        let Some(record) = record else { return Ok(None) };
        let client = parse(id, &record)?;
        self.cache.fill(generation, |rows| rows.keep_client(Arc::clone(&client)));
        Ok(Some(client))
    }

    pub(crate) async fn clients(self: &Arc<Self>) -> std::result::Result<Vec<Arc<RegisteredClient>>, StoreError> {
        let records: Vec<(String, String)> = self
            .aside(|connection| {
                connection
                    .prepare_cached("SELECT client_id, record FROM clients ORDER BY client_id")?
                    .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                    .collect()
            })
            .await?;
        records.iter().map(|(id, record)| parse(id, record)).collect()
    }
}
