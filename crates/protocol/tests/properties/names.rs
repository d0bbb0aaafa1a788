//! Ids, handles and scopes.

use proptest::prelude::*;
use protocol::handle::{HandleKind, Id, NewHandle, PresentedHandle, SecretHash};
use protocol::scope::{ScopeSet, is_scope_token};

const KINDS: [HandleKind; 6] = [
    HandleKind::AccessToken,
    HandleKind::Browser,
    HandleKind::ClientSecret,
    HandleKind::Code,
    HandleKind::RefreshToken,
    HandleKind::Session,
];

fn kind() -> impl Strategy<Value = HandleKind> {
    proptest::sample::select(&KINDS[..])
}

fn scope() -> impl Strategy<Value = ScopeSet> {
    proptest::collection::vec("[a-d]{1,2}|mail:(read|send)|[!#-\\[\\]-~]{1,6}", 0..8)
        .prop_map(|tokens| ScopeSet::parse(&tokens.join(" ")).expect("scope tokens"))
}

fn same_members(one: &ScopeSet, other: &ScopeSet) -> bool {
    one.is_subset(other) && other.is_subset(one)
}

proptest! {
    #[test]
    fn an_id_has_one_spelling(value in 0..=i64::MAX as u64, other in 0..=i64::MAX as u64) {
        let text = Id(value).to_string();
        prop_assert_eq!(text.len(), 13);
        prop_assert_eq!(Id::parse(&text), Some(Id(value)));
        // Text sorts as time does.
        prop_assert_eq!(text.cmp(&Id(other).to_string()), value.cmp(&other));
    }

    #[test]
    fn an_id_fits_a_signed_column(value in i64::MAX as u64 + 1..) {
        prop_assert_eq!(Id::parse(&Id(value).to_string()), None);
    }

    #[test]
    fn what_reads_as_an_id_is_written_the_same(text in "[0-9a-vA-V ]{12,14}|.{13}") {
        if let Some(id) = Id::parse(&text) {
            prop_assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn a_handle_is_read_as_what_it_is_and_as_nothing_else(
        kind in kind(), other in kind(), id in 0..=i64::MAX as u64, secret in any::<[u8; 32]>(),
    ) {
        let made = NewHandle::mint(kind, Id(id), &secret);
        let value = made.value().expose().clone();
        let read = PresentedHandle::parse(kind, &value).expect("just made");
        prop_assert_eq!(read.id(), Id(id));
        prop_assert!(read.hash().matches(&made.hash()));
        prop_assert_eq!(PresentedHandle::parse(other, &value).is_some(), kind == other);
    }

    #[test]
    fn one_changed_character_is_another_handle_or_none(
        id in 0..=i64::MAX as u64, secret in any::<[u8; 32]>(), at in 0..63usize, to in "[ -~]",
    ) {
        let made = NewHandle::mint(HandleKind::Code, Id(id), &secret);
        let value = made.value().expose().clone();
        let changed = format!("{}{to}{}", &value[..at], &value[at + 1..]);
        prop_assume!(changed != value);
        if let Some(read) = PresentedHandle::parse(HandleKind::Code, &changed) {
            prop_assert!(read.id() != Id(id) || !read.hash().matches(&made.hash()));
        }
    }

    #[test]
    fn any_text_is_a_handle_or_none(text in ".{0,80}", kind in kind()) {
        let _ = PresentedHandle::parse(kind, &text);
    }

    #[test]
    fn a_hash_is_written_and_read_back(bytes in any::<[u8; 32]>()) {
        let text = String::from(SecretHash(bytes));
        prop_assert_eq!(SecretHash::try_from(text).map(|hash| hash.0), Ok(bytes));
    }

    #[test]
    fn a_scope_is_a_set(a in scope(), b in scope(), c in scope()) {
        prop_assert_eq!(&ScopeSet::parse(a.as_str()).expect("its own form"), &a);
        prop_assert_eq!(&a.union(&a), &a);
        prop_assert!(same_members(&a.union(&b), &b.union(&a)));
        prop_assert_eq!(a.union(&b).union(&c), a.union(&b.union(&c)));
        prop_assert!(a.is_subset(&a.union(&b)) && b.is_subset(&a.union(&b)));
        prop_assert!(ScopeSet::EMPTY.is_subset(&a) && a.is_subset(&a));
        prop_assert!(!(a.is_subset(&b) && b.is_subset(&c)) || a.is_subset(&c));
        let both = a.filter(|token| b.contains(token));
        prop_assert!(both.is_subset(&a) && both.is_subset(&b));
        let members: std::collections::BTreeSet<&str> = a.iter().collect();
        prop_assert_eq!(members.len(), a.iter().count(), "no value twice");
        prop_assert!(a.iter().all(is_scope_token));
    }

    #[test]
    fn only_scope_tokens_parted_by_single_spaces_are_a_scope(text in "[a-c\" \\\\\u{e9}\n]{0,12}") {
        let right = text.is_empty() || text.split(' ').all(is_scope_token);
        prop_assert_eq!(ScopeSet::parse(&text).is_some(), right);
    }
}
