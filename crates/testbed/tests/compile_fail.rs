//! The unsafe orders do not build: each file of `compile_fail/` is one of them, with what the compiler says about it.

#[test]
fn unsafe_orders_do_not_compile() {
    trybuild::TestCases::new().compile_fail("compile_fail/*.rs");
}
