//! The device grant (RFC 8628) and prompts on another device (CIBA).

mod backchannel_consent_flood;
mod device;
mod device_code_phishing;
mod device_code_theft;
mod device_flow_outsider_start;
mod device_user_code_guessing;

use crate::case;
use crate::case::Case;

/// The cases of the group.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = starts();
    cases.extend(codes());
    cases
}

fn starts() -> Vec<Case> {
    vec![
        case!("device-flow-outsider-start", "wrong-client", "The flow is started as clients that may not",
            needs: ["device", "web"], features: [], phase: Normal, sections: ["RFC 8628 section 3.1"],
            run: device_flow_outsider_start::wrong_client),
        case!("device-flow-outsider-start", "without-secret", "The flow is started for a client with a secret, without it",
            needs: ["device-confidential"], features: [], phase: Normal, sections: ["RFC 8628 section 3.1"],
            run: device_flow_outsider_start::without_secret),
        case!("device-flow-outsider-start", "excess-scope", "The flow is started with a scope that nobody has",
            needs: ["user", "device"], features: [], phase: Normal, sections: ["RFC 6749 section 3.3"],
            run: device_flow_outsider_start::excess_scope),
        case!("device-flow-outsider-start", "many", "The flow is started two hundred times",
            needs: ["device"], features: [], phase: Noisy, sections: ["RFC 8628 section 5.6"],
            run: device_flow_outsider_start::many),
        case!("backchannel-consent-flood", "ten-prompts", "Ten prompts are sent to one person",
            needs: ["user", "ciba"], features: [], phase: Noisy, sections: ["OpenID CIBA Core section 14"],
            run: backchannel_consent_flood::ten_prompts),
    ]
}

fn codes() -> Vec<Case> {
    vec![
        case!("device-code-theft", "other-client", "Others poll with the device's code",
            needs: ["user", "device", "web"], features: [], phase: Normal, sections: ["RFC 8628 section 3.4", "RFC 6749 section 5.2"],
            run: device_code_theft::other_client),
        case!("device-code-theft", "twice", "The code is redeemed again after the approval",
            needs: ["user", "device"], features: [], phase: Normal, sections: ["RFC 8628 section 3.5"],
            run: device_code_theft::twice),
        case!("device-code-theft", "guessing", "Ten codes are compared, and polling goes too fast",
            needs: ["device"], features: [], phase: Normal, sections: ["RFC 8628 section 5.2", "RFC 8628 section 3.5"],
            run: device_code_theft::guessing),
        case!("device-code-phishing", "link", "The link with the code in it is opened",
            needs: ["user", "device"], features: [], phase: Normal, sections: ["RFC 8628 section 3.3.1", "RFC 8628 section 5.4"],
            run: device_code_phishing::link),
        case!("device-code-phishing", "lifetime", "How long a code can be used to trick somebody",
            needs: ["device"], features: [], phase: Normal, sections: ["RFC 8628 section 5.4"],
            run: device_code_phishing::lifetime),
        case!("device-user-code-guessing", "page", "Wrong codes are typed into the verification page",
            needs: ["user", "device"], features: [], phase: Noisy, sections: ["RFC 8628 section 5.1"],
            run: device_user_code_guessing::page),
    ]
}
