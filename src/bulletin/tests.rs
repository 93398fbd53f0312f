//! Payslips.
