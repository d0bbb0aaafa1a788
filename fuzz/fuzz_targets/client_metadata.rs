#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| testbed::targets::client_metadata(bytes));
