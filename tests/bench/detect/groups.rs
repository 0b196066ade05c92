//! What grouping costs.

use std::collections::HashMap;
use std::time::Instant;

use aftercare::detect::SignatureIndex;
use aftercare::detect::groups::{Group, Groups, Member};
use aftercare::ingest::Signature;
use aftercare::ingest::signature::of_message;
use aftercare::units::Timestamp;

use super::random::Random;

/// As many signatures as are told apart.
const SIGNATURES: usize = 100_000;

pub fn measure(seed: u64) {
    println!("\ngroups of {SIGNATURES} signatures on one core, release build");
    let signatures = signatures(&mut Random::new(seed));
    let start = Instant::now();
    let map: HashMap<&str, usize> =
        signatures.iter().enumerate().map(|(index, known)| (known.template.as_str(), index)).collect();
    let reference = start.elapsed();
    std::hint::black_box(map.len());
    let member = |index: SignatureIndex| {
        signatures.get(index.0 as usize).map(|known| Member { id: known.id, template: &known.template })
    };
    let mut groups = Groups::default();
    let Some((last, rest)) = signatures.split_last() else { return };
    let start = Instant::now();
    for known in rest {
        groups.take_in(Member { id: known.id, template: &known.template });
    }
    groups.regroup(member, true, Timestamp::default());
    let whole = start.elapsed();
    let start = Instant::now();
    groups.take_in(Member { id: last.id, template: &last.template });
    groups.regroup(member, true, Timestamp::default());
    let one_more = start.elapsed();
    let sizes: Vec<usize> = groups.iter().map(|(_, group): (_, &Group)| group.members.len()).collect();
    println!(
        "all at once {whole:?} ({:.1} times a map of their texts), one more {one_more:?}; {} groups of {} signatures",
        whole.as_secs_f64() / reference.as_secs_f64(),
        sizes.len(),
        sizes.iter().sum::<usize>(),
    );
}

/// Half of them differ in one word from many others, the rest from none.
fn signatures(random: &mut Random) -> Vec<Signature> {
    let mut word =
        |letters: usize| -> String { (0..letters).map(|_| char::from(b'a' + random.below(26) as u8)).collect() };
    let shapes: Vec<[String; 4]> = (0..1_000).map(|_| [word(5), word(7), word(4), word(6)]).collect();
    let of = |at: usize, word: &mut dyn FnMut(usize) -> String| -> Signature {
        match (at % 2, shapes.get(at % 1_000)) {
            (0, Some([a, b, c, d])) => of_message(&format!("{a} {b} lost {} in {c} of {d}", word(9))),
            _ => of_message(&format!("{} {} {} saw {} beside {}", word(6), word(5), word(8), word(7), word(4))),
        }
    };
    (0..SIGNATURES).map(|at| of(at, &mut word)).collect()
}
