//! Threats of clients that register themselves, and of what their metadata makes a server do.

macro_rules! registration {
    ([$next:ident $($rest:ident)*] $($groups:tt)*) => {
        $next! { [$($rest)*] $($groups)*
            Registration {
                OpenRegistrationAbuse = "open-registration-abuse", seen Outside,
                    does "A self-registered client gives itself a trusted name, hostile redirects or rights nobody granted.",
                    safe "Registration is closed by default; an open one gives the least trust, and rights come from policy and not from the request.",
                    source "RFC 7591 section 5; RFC 9126 section 7.2";
                ServerSideRequestForgery = "server-side-request-forgery", seen Outside,
                    does "A URL in client metadata or a request makes the server fetch from its own inner network.",
                    safe "One guarded fetcher takes https only, refuses inner addresses after resolution, follows no redirects and reveals nothing it read.",
                    source "RFC 9101 section 10.4; RFC 9728 section 7.7; CVE-2021-26715; CVE-2026-1180; CVE-2020-10770";
                RegistrationManagementTakeover = "registration-management-takeover", seen Outside,
                    does "A stranger reads or edits a client's registration and has its future codes delivered elsewhere.",
                    safe "A registration token is long, hashed and good for one client; changes that matter void consent and reach the owner.",
                    source "RFC 7592 section 5; RFC 7591 sections 2.3 and 5";
            }
        }
    };
}
