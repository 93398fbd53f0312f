//! What pages are made of: layout, tables, forms, amounts, the payslip.
