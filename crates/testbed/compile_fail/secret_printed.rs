//! A secret has no printed form.

use jose::Secret;

fn log(secret: &Secret<String>) -> String {
    format!("{secret}")
}

fn main() {}
