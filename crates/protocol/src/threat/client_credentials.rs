//! Threats of clients that act for themselves.

macro_rules! client_credentials {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            ClientCredentials {
                ClientCredentialsAbuse = "client-credentials-abuse", seen Outside,
                    does "Whoever holds a client's credentials gets tokens without a user, perhaps for scopes meant for users.",
                    safe "The grant needs its own permission and scope list, names an audience, and gives no refresh token or user scopes.",
                    source "RFC 6819 section 4.4.4; the cheat sheet";
                ClientImpersonatingResourceOwner = "client-impersonating-resource-owner", seen Outside,
                    does "A client named like a user's subject gets a token that an API takes for that user's.",
                    safe "The server chooses client identifiers from a space no subject shares, and every token says whether it speaks for a user.",
                    source "RFC 9700 section 4.15; RFC 9068 section 5";
            }
        }
    };
}
