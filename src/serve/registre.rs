//! What pages may ask of the pool and of the archive, within a scope.
