//! The variable elements of a month: read, judged row by row, stored whole or not at all.
