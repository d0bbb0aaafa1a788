//! Native apps: embedded browsers, loopback addresses, copies of apps and of devices.

mod cross_app_request_forgery;
mod embedded_browser_credential_theft;
mod loopback_redirect_abuse;
mod native_client_impersonation;
mod stolen_or_cloned_device;

use crate::case;
use crate::case::Case;

/// The cases of the group.
#[must_use]
pub fn cases() -> Vec<Case> {
    vec![
        case!("cross-app-request-forgery", "state-echo", "The state that comes back is compared",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 6749 section 4.1.2", "RFC 8252 section 8.9"],
            run: cross_app_request_forgery::state_echo),
        case!("embedded-browser-credential-theft", "web-views", "The sign-in page is opened by web views of Android and iOS",
            needs: ["native"], features: [], phase: Normal, sections: ["RFC 8252 section 8.12"],
            run: embedded_browser_credential_theft::web_views),
        case!("loopback-redirect-abuse", "neighbours", "Addresses that resemble the registered loopback address",
            needs: ["user", "native"], features: [], phase: Normal, sections: ["RFC 8252 section 7.3", "RFC 9700 section 2.1"],
            run: loopback_redirect_abuse::neighbours_are_refused),
        case!("native-client-impersonation", "rotation", "The copy refreshes, and what was there before is compared",
            needs: ["user", "native"], features: ["refresh"], phase: Normal, sections: ["RFC 9700 section 2.2.2"],
            run: native_client_impersonation::rotation),
        case!("stolen-or-cloned-device", "two-devices", "Two copies of an app refresh in turn",
            needs: ["user", "native"], features: ["refresh"], phase: Normal, sections: ["RFC 9700 section 4.14.2"],
            run: stolen_or_cloned_device::two_devices),
    ]
}
