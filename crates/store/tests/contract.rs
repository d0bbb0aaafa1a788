//! One suite for every backend: what a verb wins and loses, and that of many at once exactly one wins.

#[path = "contract/accounts.rs"]
mod accounts;
#[path = "contract/codes.rs"]
mod codes;
#[path = "contract/refresh.rs"]
mod refresh;
mod support;
#[path = "contract/sweep.rs"]
mod sweep;
#[path = "contract/tokens.rs"]
mod tokens;

use store::{Ledger, SqliteOptions};
use support::Stage;

/// Runs each case on each backend: `codes::case` becomes `memory::codes_case` and so on.
macro_rules! contract {
    ($($area:ident: $($case:ident),+ $(,)?;)+) => {
        mod memory {
            mod runs {$(
                mod $area {$(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                    async fn $case() {
                        crate::$area::$case(&crate::Stage::new(crate::Ledger::memory(), 1).await).await;
                    }
                )+}
            )+}
        }
        mod sqlite {
            mod runs {$(
                mod $area {$(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                    async fn $case() {
                        let folder = tempfile::tempdir().unwrap();
                        let ledger = crate::sqlite_in(folder.path(), 8192);
                        crate::$area::$case(&crate::Stage::new(ledger.clone(), 1).await).await;
                        ledger.close().await.unwrap();
                    }
                )+}
            )+}
        }
        /// With hardly any cache, so that reads go to SQL.
        mod sqlite_uncached {
            mod runs {$(
                mod $area {$(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                    async fn $case() {
                        let folder = tempfile::tempdir().unwrap();
                        let ledger = crate::sqlite_in(folder.path(), 1);
                        crate::$area::$case(&crate::Stage::new(ledger.clone(), 1).await).await;
                        ledger.close().await.unwrap();
                    }
                )+}
            )+}
        }
    };
}

fn sqlite_in(folder: &std::path::Path, cached: usize) -> Ledger {
    Ledger::open_sqlite(&folder.join("store.sqlite"), SqliteOptions { cached, ..SqliteOptions::default() }).unwrap()
}

contract! {
    accounts:
        a_session_counts_while_secret_person_and_time_are_right,
        sessions_of_a_person_end_together,
        locked_account_token_issuance_a_session_begins_only_by_the_password_that_still_counts,
        login_session_fixation_a_session_that_ended_is_not_extended,
        locked_account_token_issuance_a_better_hash_changes_nothing_else,
        usernames_are_unique,
        locked_account_token_issuance_a_lock_is_seen_at_once_everywhere,
        revocation_incomplete_a_removed_person_leaves_nothing_alive,
        revocation_incomplete_a_removed_client_leaves_nothing_alive,
        clients_are_read_back_as_they_were_put,
        consent_is_remembered_until_it_is_forgotten_or_old,
        injection_into_stores_and_logs_values_are_bound,
        events_are_read_from_both_ends;
    codes:
        a_code_is_redeemed_once,
        too_much_scope_granted_access_while_away_stays_refused,
        code_exchange_race_one_of_many_commits_wins,
        code_exchange_race_burning_and_spending_exclude_each_other,
        code_replay_a_spent_code_is_still_seen_and_ends_the_grant,
        code_replay_a_spent_code_cannot_be_burned,
        revocation_incomplete_a_code_of_an_ended_grant_is_lost,
        a_parked_request_is_allowed_once,
        a_parked_request_is_taken_once_and_by_its_browser,
        cross_user_session_fixation_another_browser_cannot_take_a_request,
        dos_token_exhaustion_parked_requests_are_capped;
    refresh:
        a_refresh_token_rotates_and_its_replay_ends_the_grant,
        refresh_rotation_race_one_of_many_commits_wins,
        refresh_rotation_race_a_lost_answer_is_given_again_with_one_successor,
        refresh_rotation_race_many_second_answers_leave_one_successor,
        refresh_rotation_race_a_second_answer_and_the_use_of_the_first_exclude_each_other,
        refresh_rotation_race_a_second_answer_replaces_only_the_successor_it_names,
        refresh_token_replay_a_confirmed_answer_is_not_given_again,
        refresh_token_replay_a_superseded_token_ends_the_grant,
        refresh_rotation_race_the_end_of_a_grant_and_a_rotation_leave_nothing_alive,
        a_reused_token_stays_and_lives_longer;
    sweep:
        what_lives_is_never_swept,
        what_is_dead_goes_in_small_steps,
        code_replay_a_spent_code_stays_as_long_as_its_grant,
        client_assertion_replay_an_assertion_is_kept_until_it_expires;
    tokens:
        revocation_incomplete_ending_a_grant_ends_its_tokens_at_once,
        revocation_incomplete_readers_never_bring_an_ended_token_back,
        revocation_incomplete_an_opaque_token_is_gone_once_revoked,
        revocation_incomplete_a_jwt_is_remembered_as_revoked,
        revocation_incomplete_all_grants_of_a_client_or_person_end,
        a_plan_that_stores_nothing_needs_no_store,
        client_assertion_replay_one_of_many_uses_is_the_first,
        grants_are_listed_in_pages;
}
