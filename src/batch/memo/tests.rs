//! The oldest agents leave, and one that comes again is counted once.

use super::*;

fn former(cause: usize) -> Former {
    Former {
        recomputed: Vec::new(),
        state: AgentState::default(),
        cause: "x".repeat(cause),
        before_archive: None,
        same: true,
        precedents: Vec::new(),
    }
}

#[test]
fn the_oldest_leave() {
    let one = former(1000).bytes();
    let memo = Memo::new(3 * one);
    let names = ["A", "B", "C", "D"].map(Word::from);
    for name in &names[..3] {
        memo.put(name, former(1000));
        memo.put(name, former(1000));
    }
    assert!(names[..3].iter().all(|name| memo.get(name).is_some()));
    memo.put(&names[3], former(1000));
    assert!(memo.get("A").is_none());
    assert!(names[1..].iter().all(|name| memo.get(name).is_some()));
    // Too large for the room: it is given all the same, and not kept.
    assert_eq!(memo.put(&names[0], former(4 * one)).cause.len(), 4 * one);
    assert!(names.iter().all(|name| memo.get(name).is_none()));
    assert_eq!(memo.shelf().bytes, 0);
}
