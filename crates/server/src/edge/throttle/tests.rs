use super::*;
use std::net::{IpAddr, Ipv4Addr};

const START: UnixMillis = UnixMillis(1_800_000_000_000);
const DAY: u64 = 86_400_000;

fn pit() -> Throttle {
    Throttle::new(&config::Throttle::default())
}

fn address(number: u32) -> AddressKey {
    IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number)).into()
}

fn from(number: u32) -> Source {
    Source::Address(address(number))
}

/// Tries a wrong password; how long it has to wait, or nothing.
fn wrong(pit: &Throttle, account: &str, source: Source, now: UnixMillis) -> Option<(u32, Because)> {
    match pit.admit_password(account, source, now) {
        Admission::Go(ticket) => {
            let _ = pit.password_wrong(ticket);
            None
        }
        Admission::Wait { retry_after, because } => Some((retry_after.0, because)),
    }
}

/// Tries the right password; how long it has to wait, or nothing.
fn right(pit: &Throttle, account: &str, source: Source, now: UnixMillis) -> Option<(u32, Because)> {
    match pit.admit_password(account, source, now) {
        Admission::Go(ticket) => {
            pit.password_right(ticket, now);
            None
        }
        Admission::Wait { retry_after, because } => Some((retry_after.0, because)),
    }
}

/// How many wrong passwords a source gets in within `span`, trying every second.
fn tries_within(pit: &Throttle, account: &str, source: Source, span: u64) -> usize {
    (0..span / 1000).filter(|second| wrong(pit, account, source, START.plus(second * 1000)).is_none()).count()
}

#[test]
fn password_online_guessing_delays_double_and_end() {
    let pit = pit();
    let mut now = START;
    for _ in 0..5 {
        assert_eq!(wrong(&pit, "alice", from(1), now), None);
    }
    for expected in [1, 2, 4, 8, 16, 32, 64, 128] {
        let wait = wrong(&pit, "alice", from(1), now).expect("a wait");
        assert_eq!(wait, (expected, Because::Source));
        // Asking again does not make it longer, and half the time is not enough.
        assert_eq!(wrong(&pit, "alice", from(1), now), Some(wait));
        assert!(wrong(&pit, "alice", from(1), now.plus(u64::from(expected) * 500)).is_some());
        now = now.plus(u64::from(expected) * 1000);
        assert_eq!(wrong(&pit, "alice", from(1), now), None);
    }
    assert_eq!(wrong(&pit, "alice", from(1), now.plus(DAY)), None, "forgotten after a day");
}

#[test]
fn password_online_guessing_a_day_of_guessing_yields_few_tries() {
    let tries = tries_within(&pit(), "alice", from(1), DAY);
    assert!((10..130).contains(&tries), "{tries}");
}

#[test]
fn password_online_guessing_tries_sent_at_once_count_before_they_are_checked() {
    let pit = pit();
    let admitted: Vec<_> = (0..50)
        .map(|_| pit.admit_password("alice", from(1), START))
        .filter(|admission| matches!(admission, Admission::Go(_)))
        .collect();
    assert_eq!(admitted.len(), 5);
}

#[test]
fn password_online_guessing_spraying_many_names_waits() {
    let pit = pit();
    let passed = (0..200).filter(|n| wrong(&pit, &format!("user{n}"), from(1), START).is_none()).count();
    assert_eq!(passed, 30);
    assert_eq!(wrong(&pit, "another", from(1), START).expect("a wait").1, Because::Address);
    assert_eq!(wrong(&pit, "another", from(2), START), None, "other addresses go on");
}

#[test]
fn password_online_guessing_names_that_do_not_exist_wait_the_same() {
    let (one, two) = (pit(), pit());
    let waits = |pit: &Throttle, name: &str| {
        (0..8).map(|n| wrong(pit, name, from(1), START.plus(n * 3000))).collect::<Vec<_>>()
    };
    assert_eq!(waits(&one, "alice"), waits(&two, "nobody-here"));
}

#[test]
fn dos_lockout_abuse_one_attacker_slows_nobody_else() {
    let pit = pit();
    for second in 0..10_000 {
        let _ = wrong(&pit, "alice", from(666), START.plus(second * 1000));
    }
    assert_eq!(right(&pit, "alice", from(1), START.plus(10_000_000)), None);
}

#[test]
fn dos_lockout_abuse_a_crowd_costs_a_stranger_one_short_wait() {
    let pit = pit();
    let attack = |pit: &Throttle, now: UnixMillis| {
        for bot in 0..300 {
            let _ = wrong(pit, "alice", from(1_000 + bot), now);
        }
    };
    for second in 0..120 {
        attack(&pit, START.plus(second * 1_000));
    }
    let now = START.plus(120_000);
    let (wait, because) = right(&pit, "alice", from(1), now).expect("a wait");
    assert_eq!(because, Because::Account);
    assert!(wait <= 30, "{wait}");
    // The crowd goes on meanwhile and cannot take the turn away.
    for second in 1..=30 {
        attack(&pit, now.plus(second * 1_000));
    }
    assert_eq!(right(&pit, "alice", from(1), now.plus(30_000)), None);
    // From now on this address is known and waits no more.
    attack(&pit, now.plus(31_000));
    assert_eq!(right(&pit, "alice", from(1), now.plus(32_000)), None);
}

#[test]
fn dos_lockout_abuse_a_known_browser_passes_under_attack_from_its_own_address() {
    let pit = pit();
    for second in 0..1_000 {
        let _ = wrong(&pit, "alice", from(1), START.plus(second * 1000));
    }
    let now = START.plus(1_000_000);
    assert!(right(&pit, "alice", from(1), now).is_some(), "the shared address waits");
    let browser = Source::Browser(KnownBrowser(7), address(1));
    assert_eq!(right(&pit, "alice", browser, now), None);
    // Nor does a crowd at the account reach it.
    for bot in 0..300 {
        let _ = wrong(&pit, "alice", from(1_000 + bot), now);
    }
    assert_eq!(right(&pit, "alice", from(2), now).expect("a wait").1, Because::Account);
    assert_eq!(right(&pit, "alice", browser, now), None);
    // A stolen browser is no free pass for guessing.
    assert!(tries_within(&pit, "alice", browser, 600_000) < 20);
}

#[test]
fn dos_lockout_abuse_an_acquaintance_of_one_account_is_none_of_another() {
    let pit = pit();
    assert_eq!(right(&pit, "bob", from(1), START), None);
    for bot in 0..300 {
        let _ = wrong(&pit, "alice", from(1_000 + bot), START);
    }
    assert_eq!(right(&pit, "alice", from(1), START).expect("a wait").1, Because::Account);
    assert_eq!(right(&pit, "bob", from(1), START), None);
}

#[test]
fn dos_lockout_abuse_an_acquaintance_ends() {
    let pit = pit();
    assert_eq!(right(&pit, "alice", from(1), START), None);
    let later = START.plus(31 * DAY);
    for bot in 0..300 {
        let _ = wrong(&pit, "alice", from(1_000 + bot), later);
    }
    assert!(right(&pit, "alice", from(1), later).is_some());
}

#[test]
fn a_right_password_forgives_earlier_slips() {
    let pit = pit();
    for _ in 0..4 {
        assert_eq!(wrong(&pit, "alice", from(1), START), None);
    }
    assert_eq!(right(&pit, "alice", from(1), START), None);
    for _ in 0..5 {
        assert_eq!(wrong(&pit, "alice", from(1), START), None);
    }
    assert!(wrong(&pit, "alice", from(1), START).is_some());
}

#[test]
fn what_was_not_checked_is_not_counted() {
    let pit = pit();
    for _ in 0..100 {
        match pit.admit_password("alice", from(1), START) {
            Admission::Go(ticket) => pit.password_unchecked(ticket, START),
            Admission::Wait { .. } => panic!("counted"),
        }
    }
}

#[test]
fn password_online_guessing_success_at_an_own_account_does_not_clear_the_address() {
    let pit = pit();
    let mut passed = 0;
    for n in 0..200 {
        passed += usize::from(wrong(&pit, &format!("user{n}"), from(1), START).is_none());
        let _ = right(&pit, "mallory", from(1), START);
    }
    assert_eq!(passed, 30);
}

#[test]
fn a_burst_is_told_once_the_allowance_is_used_up() {
    let pit = pit();
    let mut now = START;
    let mut bursts = Vec::new();
    for _ in 0..7 {
        match pit.admit_password("alice", from(1), now) {
            Admission::Go(ticket) => bursts.push(pit.password_wrong(ticket)),
            Admission::Wait { .. } => {}
        }
        now = now.plus(2_000);
    }
    assert_eq!(bursts.len(), 7);
    assert!(bursts[..5].iter().all(|burst| *burst == Burst::No));
    assert!(bursts[5..].iter().all(|burst| *burst == Burst::Yes));
}

#[test]
fn client_secret_guessing_delays_the_address_for_that_client() {
    let pit = pit();
    assert_eq!(pit.admit_client("robot", address(1), START), None);
    for n in 0..10 {
        assert_eq!(pit.admit_client("robot", address(1), START), None, "{n}");
        assert_eq!(pit.client_failed("robot", address(1), START), Burst::No);
    }
    assert_eq!(pit.admit_client("robot", address(1), START), Some(Seconds(1)));
    assert_eq!(pit.client_failed("robot", address(1), START), Burst::Yes);
    assert_eq!(pit.admit_client("robot", address(1), START), Some(Seconds(2)));
    assert_eq!(pit.admit_client("other", address(1), START), None);
}

#[test]
fn client_secret_guessing_many_clients_from_one_address_wait() {
    let pit = pit();
    for n in 0..30 {
        let _ = pit.client_failed(&format!("client{n}"), address(1), START);
    }
    assert!(pit.admit_client("fresh", address(1), START).is_some());
    assert_eq!(pit.admit_client("fresh", address(2), START), None);
}

#[test]
fn dos_lockout_abuse_a_client_is_never_slowed_elsewhere() {
    let pit = pit();
    for attacker in 0..1_000 {
        for _ in 0..20 {
            let _ = pit.client_failed("robot", address(1_000 + attacker), START);
        }
    }
    assert_eq!(pit.admit_client("robot", address(1), START), None);
}

#[test]
fn dos_expensive_input_memory_stays_and_the_worst_offenders_with_it() {
    let pit = Throttle::new(&config::Throttle::default());
    for _ in 0..20 {
        let _ = pit.client_failed("robot", address(1), START);
    }
    let before: usize = pit.clients.shards.iter().map(|shard| shard.lock().expect("no panic").len()).sum();
    for n in 0..100_000 {
        let _ = pit.client_failed("robot", address(1_000 + n), START);
    }
    let after: usize = pit.clients.shards.iter().map(|shard| shard.lock().expect("no panic").len()).sum();
    assert_eq!(before, after);
    assert!(pit.admit_client("robot", address(1), START).is_some(), "the flood washed the offender out");
}

#[test]
fn a_clock_that_steps_back_frees_nobody_and_locks_nobody_for_good() {
    let pit = pit();
    for _ in 0..6 {
        let _ = wrong(&pit, "alice", from(1), START);
    }
    let back = UnixMillis(START.0 - DAY);
    assert!(wrong(&pit, "alice", from(1), back).is_some());
    assert_eq!(wrong(&pit, "alice", from(1), START.plus(2_000)), None);
}
