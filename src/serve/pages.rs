//! One file a screen: what is asked, what is shown.
