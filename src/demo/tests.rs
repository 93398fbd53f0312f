//! What an invented pool promises.

use super::*;
