//! Threats to refresh tokens and to their revocation.

macro_rules! refresh {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            Refresh {
                RefreshEavesdropping = "refresh-eavesdropping", seen Outside,
                    does "A refresh token read on the wire goes on giving access tokens to the listener.",
                    safe "TLS is required, the token needs its client or key besides, and rotation shows the second user.",
                    source "RFC 6819 section 4.5.1; RFC 9700 section 4.14";
                RefreshFromAsDatabase = "refresh-from-as-database", seen Inside,
                    does "Refresh tokens of public clients are read from the database and used as they are.",
                    safe "Only hashes are stored, and each use checks client and key.",
                    source "RFC 6819 section 4.5.2; the native apps talk";
                RefreshOnlineGuessing = "refresh-online-guessing", seen Outside,
                    does "The attacker looks for a pattern in refresh tokens and posts guesses.",
                    safe "Each token has 256 fresh random bits, must match its client too, and unknown ones are counted.",
                    source "RFC 6819 section 4.5.3";
                RefreshPhishingCounterfeitAs = "refresh-phishing-counterfeit-as", seen Outside,
                    does "A client led to a false token endpoint hands over its refresh token, which is replayed at the real one.",
                    safe "A token bound to a key is useless to the copier, and rotation with reuse detection exposes the relay.",
                    source "RFC 6819 section 4.5.4; RFC 9700 section 4.4";
                RefreshTokenReplay = "refresh-token-replay", seen Outside,
                    does "Thief and owner both renew access from one copied refresh token, without end.",
                    safe "Public clients rotate or bind their tokens; a spent token revokes its whole family, whose end date never moves.",
                    source "RFC 9700 sections 4.14 and 2.2.2; RFC 6819 section 5.2.2.3";
                RefreshRotationRace = "refresh-rotation-race", seen Outside,
                    does "Simultaneous refreshes fork the family and blind reuse detection, or a strict server logs honest users out.",
                    safe "One conditional update spends the token and one successor exists; an honest retry within seconds gets the same answer, a late one revokes.",
                    source "RFC 6819 section 5.2.2.3; RFC 9700 section 4.14";
                RefreshScopeEscalation = "refresh-scope-escalation", seen Outside,
                    does "A refresh request asks for scope, resources or parameters beyond the grant and receives them.",
                    safe "What the user granted is the limit: a refresh can ask for less and never for more.",
                    source "RFC 6749 section 6; RFC 9700 section 4.14.2; RFC 8707 section 2.2";
                RevocationIncomplete = "revocation-incomplete", seen Outside,
                    does "After a revocation, logout or restore from backup some token still works, and the thief keeps it.",
                    safe "All tokens hang from one grant record, so ending it ends them; the answer is sent only when they are dead.",
                    source "RFC 7009 sections 2 and 5; RFC 9700 section 4.14.2; RFC 6819 section 5.2.2.4";
                RevocationCrossClient = "revocation-cross-client", seen Outside,
                    does "A client revokes tokens of another, to shut users out or to learn which ones are real.",
                    safe "Only the client a token was issued to can revoke it, and unknown and foreign tokens get the same answer.",
                    source "RFC 7009 sections 2.1 and 5";
            }
        }
    };
}
