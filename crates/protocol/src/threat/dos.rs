//! Threats to being available.

macro_rules! dos {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            Dos {
                DosTokenExhaustion = "dos-token-exhaustion", seen Outside,
                    does "Codes, tokens or pending requests are made in a loop until storage runs out.",
                    safe "Stored things are limited in size, time and number per owner, and unauthenticated steps store little.",
                    source "RFC 6819 sections 4.4.1.11 and 5.1.6; RFC 9449 section 11.1";
                DosManufacturedCodes = "dos-manufactured-codes", seen Outside,
                    does "Invented codes sent to many clients' callbacks make those clients flood the token endpoint.",
                    safe "An invented code is told apart before any costly work, and limits count per client, not only per address.",
                    source "RFC 6819 section 4.4.1.12";
                DosClientSecretCreation = "dos-client-secret-creation", seen Outside,
                    does "Clients are registered in a loop until lists and storage are useless.",
                    safe "Registration needs a token; an open one is limited per source and in total, and unused clients expire.",
                    source "RFC 7591 section 5; the draft of RFC 6819 section 4.3";
                DosLockoutAbuse = "dos-lockout-abuse", seen Outside,
                    does "The attacker fails on purpose in somebody's name so that the defence shuts the owner out.",
                    safe "Locks are short and follow the source, known devices have their own allowance, and strangers cannot destroy a credential by trying.",
                    source "RFC 6819 section 5.1.4.2.3; RFC 9126 section 7.5; RFC 9700 section 4.14";
                DosExpensiveInput = "dos-expensive-input", seen Outside,
                    does "Huge, slow or costly requests, cheap to send, take up all the server's time.",
                    safe "Sizes, counts, depth and times are limited, cheap checks come first, and password hashing waits in a bounded queue.",
                    source "RFC 9101 section 10.4.1; RFC 9449 section 11.1; the mobile attestation article";
            }
        }
    };
}
