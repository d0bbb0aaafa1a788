//! One request, one answer: no stop's value can be copied.

use protocol::authorize::CheckedAuthorizationRequest;

fn keep_one(request: CheckedAuthorizationRequest) -> [CheckedAuthorizationRequest; 2] {
    [request.clone(), request]
}

fn main() {}
