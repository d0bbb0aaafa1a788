//! Threats of the password grant and of passwords themselves.

macro_rules! password_grant {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            PasswordGrant {
                PasswordExposedAtClient = "password-exposed-at-client", seen Outside,
                    does "The password grant teaches users to type their password into clients, where logs, staff and thieves find it.",
                    safe "The password grant is not offered.",
                    source "RFC 6819 section 4.4.3.1; RFC 9700 section 2.4; RFC 10017 section 7.3";
                PasswordGrantScope = "password-grant-scope", seen Outside,
                    does "With the user's password the client helps itself to every scope, unseen by the user.",
                    safe "The grant is off; an excepted client has a small ceiling of its own, and the user hears of each use.",
                    source "RFC 6819 section 4.4.3.2; the native apps talk";
                PasswordGrantRefreshToken = "password-grant-refresh-token", seen Outside,
                    does "A refresh token from the password grant gives the client months of access after a single login.",
                    safe "The grant is off, and where it is excepted it gives no refresh token unless an operator allows one.",
                    source "RFC 6819 section 4.4.3.3";
                PasswordOnTransport = "password-on-transport", seen Outside,
                    does "The password is read on an unprotected hop between user, client and server.",
                    safe "Sign-in forms are served and posted over TLS on one origin, and passkeys need no password to travel.",
                    source "RFC 6819 section 4.4.3.4";
                PasswordFromAsDatabase = "password-from-as-database", seen Inside,
                    does "A copied user table is cracked offline and the passwords are tried everywhere.",
                    safe "Passwords are stored with a salted, memory-hard hash whose cost is raised over time, and leaked ones are refused.",
                    source "RFC 6819 section 4.4.3.5; the native apps talk";
                PasswordOnlineGuessing = "password-online-guessing", seen Outside,
                    does "Scripts try many passwords on one account, or one password on many, from many addresses.",
                    safe "Every place that checks a password shares its counts per account, address and network; answers slow down, and locks end by themselves.",
                    source "RFC 6819 sections 4.4.3.6 and 5.1.4.2";
            }
        }
    };
}
