use proptest::prelude::*;

use super::*;
use crate::ingest::Signature;
use crate::ingest::signature::{Overrides, of_message};

const NOW: Timestamp = Timestamp::MAX;

/// Signatures in an order, and their groups.
#[derive(Default)]
struct World {
    signatures: Vec<Signature>,
    groups: Groups,
}

impl World {
    fn of(messages: &[&str]) -> Self {
        let mut world = Self::default();
        messages.iter().for_each(|message| world.meet(message));
        world.regroup();
        world
    }

    fn meet(&mut self, message: &str) {
        let signature = of_message(message);
        if !self.signatures.contains(&signature) {
            self.groups.take_in(Member { id: signature.id, template: &signature.template });
            self.signatures.push(signature);
        }
    }

    fn regroup(&mut self) -> bool {
        let Self { signatures, groups } = self;
        groups.regroup(member_of(signatures), true, NOW)
    }

    fn wish(&mut self, wish: Wish) -> bool {
        let Self { signatures, groups } = self;
        let is_decided = groups.decide(wish, member_of(signatures), NOW).is_some();
        self.regroup();
        is_decided
    }

    fn lead(&self, message: &str) -> SignatureIndex {
        let signature = of_message(message);
        let index = self.signatures.iter().position(|known| *known == signature).unwrap();
        self.groups.lead(SignatureIndex(index as u32))
    }

    /// Each group as the sorted templates of its members, sorted.
    fn partition(&self) -> Vec<Vec<&str>> {
        let mut sets: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for (index, signature) in (0..).zip(&self.signatures) {
            sets.entry(self.groups.lead(SignatureIndex(index)).0).or_default().push(&signature.template);
        }
        let mut sets: Vec<Vec<&str>> = sets.into_values().collect();
        sets.iter_mut().for_each(|set| set.sort_unstable());
        sets.sort();
        sets
    }
}

fn member_of<'t>(signatures: &'t [Signature]) -> impl Fn(SignatureIndex) -> Option<Member<'t>> {
    |index| signatures.get(index.0 as usize).map(|known| Member { id: known.id, template: &known.template })
}

const QUEUES: [&str; 7] = [
    "worker for orders went idle now",
    "worker for stock went idle now",
    "worker for search went idle now",
    "worker for mail went idle now",
    "worker for export went idle now",
    "worker for audit went idle now",
    "worker for reports went idle now",
];

#[test]
fn six_words_in_one_place_are_a_value_and_five_are_not() {
    let few = World::of(&QUEUES[..5]);
    assert!(few.groups.is_trivial());
    let enough = World::of(&QUEUES[..6]);
    let group = enough.groups.led_by(SignatureIndex(0)).unwrap();
    assert_eq!(group.members.len(), 6);
    assert_eq!(group.name, "worker for <*> went idle now");
    assert_eq!(group.origin, Origin::Table);
}

#[test]
fn a_new_member_joins_at_once_and_moves_no_other() {
    let mut world = World::of(&QUEUES[..6]);
    world.meet(QUEUES[6]);
    assert_eq!(world.lead(QUEUES[6]), SignatureIndex(0));
    // Six names make it certain that any word there is one.
    world.meet("worker for billing went idle now");
    assert_eq!(world.lead("worker for billing went idle now"), SignatureIndex(0));
    assert!(!world.regroup());
}

#[test]
fn three_words_behind_a_mark_are_a_value() {
    let world = World::of(&["state of lift: parked", "state of lift: rising", "state of lift: sinking"]);
    // Words of a sentence are never values, however many there are.
    assert!(world.groups.is_trivial(), "{:?}", world.partition());
    let world = World::of(&["lane of lift: alpha", "lane of lift: beta", "lane of lift: gamma"]);
    assert_eq!(world.groups.led_by(SignatureIndex(0)).unwrap().name, "lane of lift: <*>");
}

#[test]
fn what_names_a_failure_is_never_a_value() {
    let failures = ["TimeoutError", "ConnectionError", "KeyError", "EPIPE", "ECONNREFUSED", "ENOSPC", "ValueError"];
    let lines: Vec<String> = failures.iter().map(|name| format!("upload to store gave: {name}")).collect();
    let world = World::of(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(world.groups.is_trivial(), "{:?}", world.partition());
    let first = ["opened", "closed", "started", "failed", "stopped", "refused", "accepted", "alpha", "beta"];
    let lines: Vec<String> = first.iter().map(|word| format!("door of lift was {word} by hand")).collect();
    let world = World::of(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(world.groups.is_trivial(), "{:?}", world.partition());
}

#[test]
fn what_attributes_tell_apart_is_never_joined() {
    let overrides = Overrides::new(&[], &[], &["lane".to_owned()]).unwrap();
    let joined = |told: &dyn Fn(&str) -> String, is_attribute: bool| {
        let mut world = World::default();
        for lane in ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"] {
            let fields = [("lane".to_owned(), lane.to_owned())];
            let attributes = overrides.attributes_of(if is_attribute { &fields } else { &[] });
            let signature = overrides.sign(&told(lane), None, &attributes);
            world.groups.take_in(Member { id: signature.id, template: &signature.template });
            world.signatures.push(signature);
        }
        world.regroup();
        !world.groups.is_trivial()
    };
    assert!(joined(&|lane| format!("order of lane {lane} failed"), false));
    assert!(!joined(&|_| "order failed at the till".to_owned(), true));
}

#[test]
fn a_stack_trace_is_in_no_group() {
    let frames = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"];
    let mut world = World::default();
    for frame in frames {
        let text = format!(
            "Traceback (most recent call last):\n  File \"/srv/app/a.py\", line 1, in {frame}\n    f()\nKeyError: 'a'"
        );
        let signature = crate::ingest::signature::of_trace(&crate::ingest::trace::parse(&text).unwrap());
        world.groups.take_in(Member { id: signature.id, template: &signature.template });
        world.signatures.push(signature);
    }
    world.regroup();
    assert!(world.groups.is_trivial(), "{:?}", world.partition());
}

#[test]
fn a_merge_and_a_split_can_be_taken_back() {
    let mut world = World::of(&QUEUES);
    world.meet("cache is cold");
    world.regroup();
    let before = world.partition().len();
    let cold = world.lead("cache is cold");
    assert!(world.wish(Wish::Merge(vec![SignatureIndex(0), cold])));
    assert_eq!(world.lead("cache is cold"), SignatureIndex(0));
    assert_eq!(world.groups.undoable().as_deref(), Some("the merge of 2 rows"));
    assert!(world.wish(Wish::Split(SignatureIndex(0))));
    assert_eq!(world.partition().len(), 8);
    // What is new of a group that was split stands for itself, too.
    world.meet("worker for billing went idle now");
    world.regroup();
    assert_eq!(world.partition().len(), 9);
    assert!(world.wish(Wish::Undo));
    assert_eq!(world.partition().len(), 1);
    assert!(world.wish(Wish::Undo));
    assert_eq!(world.partition().len(), before);
    assert!(!world.wish(Wish::Undo));
}

#[test]
fn names_and_pins_stay_with_the_group() {
    let mut world = World::of(&QUEUES[..6]);
    assert!(world.wish(Wish::Rename(SignatureIndex(0), "idle workers".to_owned())));
    assert!(world.wish(Wish::Pin(SignatureIndex(0), true)));
    world.meet(QUEUES[6]);
    world.regroup();
    let group = world.groups.led_by(SignatureIndex(0)).unwrap();
    assert_eq!((group.name.as_str(), group.pinned, group.members.len()), ("idle workers", true, 7));
    assert!(world.wish(Wish::Rename(SignatureIndex(3), String::new())));
    assert_eq!(world.groups.led_by(SignatureIndex(0)).unwrap().name, "worker for <*> went idle now");
    assert!(world.wish(Wish::Pin(SignatureIndex(2), false)));
    assert!(!world.groups.led_by(SignatureIndex(0)).unwrap().pinned);
}

fn definition(text: &str) -> Definition {
    let definition: Definition = toml::from_str(text).unwrap();
    definition.check().unwrap();
    definition
}

#[test]
fn a_file_defines_groups_and_what_stands_apart() {
    let mut world = World::of(&QUEUES);
    world.groups.define(vec![
        definition("match = ['worker for orders *']\napart = true"),
        definition("name = 'money'\nmatch = ['worker for stock *', 'worker for <*>s went idle now']\npin = true"),
    ]);
    world.regroup();
    assert_eq!(world.lead(QUEUES[0]), SignatureIndex(0));
    let money = world.groups.led_by(SignatureIndex(1)).unwrap();
    assert_eq!((money.name.as_str(), money.members.len(), money.pinned), ("money", 2, true));
    assert!(!world.wish(Wish::Split(SignatureIndex(1))), "the file has the say");
    assert!(Definition { name: None, texts: vec!["<*> *".to_owned()], pin: false, apart: false }.check().is_err());
}

#[test]
fn the_record_brings_the_same_groups_back() {
    let mut world = World::of(&QUEUES);
    world.meet("cache is cold");
    world.wish(Wish::Merge(vec![SignatureIndex(0), SignatureIndex(7)]));
    world.wish(Wish::Rename(SignatureIndex(0), "all".to_owned()));
    let record = world.groups.take_pending();
    assert!(record.windows(2).all(|pair| pair[0].number < pair[1].number));
    let text = serde_json::to_string(&record).unwrap();
    let mut again = World::default();
    again.groups.restore(serde_json::from_str(&text).unwrap());
    // In another order: the index is no part of the record.
    again.meet("cache is cold");
    QUEUES.iter().rev().for_each(|message| again.meet(message));
    again.regroup();
    assert_eq!(again.partition(), world.partition());
    assert!(again.groups.take_pending().is_empty());
    assert_eq!(again.groups.iter().next().unwrap().1.name, "all");
}

#[test]
fn what_was_recorded_is_not_regrouped_by_what_comes_later() {
    let mut world = World::of(&QUEUES[..6]);
    // Each of these differs from one of the first in another place; the larger group comes too late for it.
    for word in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        world.meet(&format!("worker for orders went idle x{word}x", word = word.repeat(3)));
    }
    world.regroup();
    assert_eq!(world.groups.led_by(SignatureIndex(0)).unwrap().members.len(), 6);
}

fn messages() -> impl Strategy<Value = Vec<String>> {
    let word = "(orders|billing|search|mail|export|audit|reports|stock)";
    let shape = (0..4_usize, word, word).prop_map(|(shape, one, other)| match shape {
        0 => format!("worker for {one} went idle now"),
        1 => format!("worker for {one} handed over to {other} team"),
        2 => format!("lane of lift: {one}"),
        _ => format!("user {one} asked for {other} page"),
    });
    prop::collection::vec(shape, 0..60)
}

proptest! {
    #[test]
    fn groups_do_not_depend_on_the_order(messages in messages(), seed in any::<u64>()) {
        let mut shuffled = messages.clone();
        let mut state = seed | 1;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(at, (state >> 33) as usize % (at + 1));
        }
        let as_text = |list: &[String]| World::of(&list.iter().map(String::as_str).collect::<Vec<_>>()).partition().iter().map(|set| set.join("\n")).collect::<Vec<_>>();
        prop_assert_eq!(as_text(&messages), as_text(&shuffled));
    }

    #[test]
    fn a_lead_leads_itself_and_members_are_listed_once(messages in messages()) {
        let world = World::of(&messages.iter().map(String::as_str).collect::<Vec<_>>());
        let mut listed = vec![0; world.signatures.len()];
        for (lead, group) in world.groups.iter() {
            prop_assert_eq!(group.members.first(), Some(&lead));
            for member in &group.members {
                prop_assert_eq!(world.groups.lead(*member), lead);
                listed[member.0 as usize] += 1;
            }
        }
        prop_assert!(listed.iter().all(|n| *n <= 1));
    }
}
