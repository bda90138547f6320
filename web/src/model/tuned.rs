//! The tuned weights of a run as files of safetensors, which the command line and Python read.
//!
//! A worker's state holds the weights of its replicas, one after the other in the order of [`ORDER`]; the file of the base
//! model that a replica began with says what they are called and what shape they have. So a tuned model is that file with
//! other numbers and with what it was tuned by. Leaves out where states and base models come from.

use std::collections::BTreeMap;

use hedgerow::documents::protocol::{BUILD, Snapshot};
use hedgerow::judgement::experiment::Replica;
use serde_json::Value;

/// Parts of a block in the order of the weights (`ModelConfig::weights` of the core).
const ORDER: [&str; 12] = [
    "attention_norm.scale",
    "attention_norm.shift",
    "attention.qkv.weight",
    "attention.qkv.bias",
    "attention.out.weight",
    "attention.out.bias",
    "mlp_norm.scale",
    "mlp_norm.shift",
    "mlp.in.weight",
    "mlp.in.bias",
    "mlp.out.weight",
    "mlp.out.bias",
];
/// What all entries of a file's header are, but for this one.
const METADATA: &str = "__metadata__";
/// The only kind of numbers that the lab writes.
const KIND: &str = "F32";

/// The base model's file is not that of this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfit;

/// Models as files, with their names.
pub type ModelFiles = Vec<(String, Vec<u8>)>;

/// The name of a replica's file.
pub fn name(replica: Replica, update: u32) -> String {
    format!("{}-seed-{}-update-{update}.safetensors", replica.arm.id(), replica.seed)
}

/// The file of each replica of a state, with its name. `base` is the file of a seed's base model.
///
/// # Errors
/// A base model is not the one that the state's models were tuned from.
pub fn files<'base>(snapshot: &Snapshot, base: impl Fn(u64) -> Option<&'base [u8]>) -> Result<ModelFiles, Unfit> {
    let parameters =
        snapshot.weights.len().checked_div(snapshot.replicas.len()).filter(|count| *count > 0).ok_or(Unfit)?;
    let experiment = serde_json::to_string(&snapshot.experiment).map_err(|_| Unfit)?;
    let file = |(replica, weights): (&Replica, &[f32])| {
        let about = [
            ("arm", replica.arm.id().to_owned()),
            ("build", BUILD.to_owned()),
            ("experiment", experiment.clone()),
            ("update", snapshot.update.to_string()),
        ];
        Ok((name(*replica, snapshot.update), file(base(replica.seed).ok_or(Unfit)?, weights, about).ok_or(Unfit)?))
    };
    snapshot.replicas.iter().zip(snapshot.weights.chunks_exact(parameters)).map(file).collect()
}

/// The base model's file with these weights, and with these entries among its metadata.
fn file<const N: usize>(base: &[u8], weights: &[f32], about: [(&str, String); N]) -> Option<Vec<u8>> {
    let (length, rest) = base.split_first_chunk::<8>()?;
    let (header, numbers) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let mut header: BTreeMap<String, Value> = serde_json::from_slice(header).ok()?;
    let metadata: BTreeMap<String, String> = serde_json::from_value(header.remove(METADATA)?).ok()?;
    let mut tensors = header.iter().map(|(name, tensor)| Some((place(name)?, tensor))).collect::<Option<Vec<_>>>()?;
    tensors.sort_by_key(|(place, _)| *place);
    let (mut numbers, mut left) = (numbers.to_vec(), weights);
    for (_, tensor) in tensors {
        let end = |end: usize| usize::try_from(tensor["data_offsets"][end].as_u64()?).ok();
        let bytes = numbers.get_mut(end(0)?..end(1)?).filter(|_| tensor["dtype"] == KIND)?;
        let own = left.split_off(..bytes.len() / 4)?;
        for (bytes, weight) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(own) {
            *bytes = weight.to_le_bytes();
        }
    }
    let about = about.map(|(name, said)| (name.to_owned(), said));
    let metadata: BTreeMap<String, String> = metadata.into_iter().chain(about).collect();
    header.insert(METADATA.into(), serde_json::to_value(metadata).ok()?);
    let mut header = serde_json::to_vec(&header).ok()?;
    // Numbers begin at a multiple of eight bytes.
    header.resize(header.len().next_multiple_of(8), b' ');
    left.is_empty().then(|| [&(header.len() as u64).to_le_bytes()[..], &header, &numbers].concat())
}

/// Where a tensor's weights stand: its part of the model, the block, and its place there.
fn place(name: &str) -> Option<(usize, usize, usize)> {
    Some(match name {
        "embedding" => (0, 0, 0),
        "position" => (1, 0, 0),
        "final_norm.scale" => (3, 0, 0),
        "final_norm.shift" => (4, 0, 0),
        "head" => (5, 0, 0),
        _ => {
            let (block, part) = name.strip_prefix("blocks.")?.split_once('.')?;
            (2, block.parse().ok()?, ORDER.iter().position(|own| *own == part)?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use hedgerow::judgement::experiment::{Arm, Experiment};
    use hedgerow::judgement::judge::Judge;

    const BASE: &[u8] = include_bytes!("../../../public/base/base-3.safetensors");

    /// Header and tensors of a file, by name.
    fn read(file: &[u8]) -> (BTreeMap<String, Value>, BTreeMap<String, Vec<f32>>) {
        let length = usize::try_from(u64::from_le_bytes(*file.first_chunk::<8>().unwrap())).unwrap();
        let header: BTreeMap<String, Value> = serde_json::from_slice(&file[8..8 + length]).unwrap();
        let tensor = |(name, tensor): (&String, &Value)| {
            let end = |end: usize| Some(8 + length + usize::try_from(tensor["data_offsets"][end].as_u64()?).ok()?);
            let bytes = &file[end(0)?..end(1)?];
            let numbers = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
            Some((name.clone(), numbers.collect()))
        };
        let tensors = header.iter().filter(|(name, _)| *name != METADATA).filter_map(tensor).collect();
        (header, tensors)
    }

    fn snapshot(weights: Vec<f32>) -> Snapshot {
        let experiment = Experiment { seeds: vec![3], ..Experiment::default() };
        let replicas = experiment.replicas();
        let arms = replicas.iter().map(|replica| replica.arm).collect();
        let (rater, judge) = (experiment.rater, Judge::Formula);
        let gradient_norms = vec![0.0; replicas.len()];
        Snapshot {
            experiment,
            replicas,
            arms,
            rater,
            person: None,
            judge,
            update: 7,
            weights,
            moments: Vec::new(),
            gradient_norms,
        }
    }

    #[test]
    fn each_weight_comes_to_the_place_that_the_model_reads_it_from() {
        let (base, tensors) = read(BASE);
        let count: usize = tensors.values().map(Vec::len).sum();
        // Each weight is its own number.
        let weights: Vec<f32> = (0..2 * count).map(|number| number as f32).collect();
        let files = files(&snapshot(weights), |seed| (seed == 3).then_some(BASE)).unwrap();
        assert_eq!(files.len(), 2);
        assert_eq!(files[0].0, "scalar-seed-3-update-7.safetensors");
        let (header, first) = read(&files[0].1);
        let second = read(&files[1].1).1;
        let width = 64.0;
        let vocabulary = tensors["embedding"].len() as f32;
        // As the core lays them out: vocabulary, positions, three blocks, the last norm.
        assert_eq!((first["embedding"][0], first["position"][0]), (0.0, vocabulary));
        let blocks = vocabulary + tensors["position"].len() as f32;
        assert_eq!(first["blocks.0.attention_norm.scale"][0], blocks);
        assert_eq!(first["blocks.0.attention.qkv.weight"][0], blocks + 2.0 * width);
        let block = 12.0 * width * width + 13.0 * width;
        assert_eq!(first["blocks.1.attention_norm.scale"][0], blocks + block);
        assert_eq!(first["blocks.2.mlp.out.bias"][0], blocks + 3.0 * block - width);
        assert_eq!(*first["final_norm.shift"].last().unwrap(), count as f32 - 1.0);
        for (name, numbers) in &first {
            assert_eq!(header[name]["shape"], base[name]["shape"]);
            assert!(numbers.iter().zip(&second[name]).all(|(first, second)| first + count as f32 == *second), "{name}");
        }
        let said = &header[METADATA];
        assert_eq!((&said["arm"], &said["seed"], &said["update"]), (&"scalar".into(), &"3".into(), &"7".into()));
        assert_eq!(said["config"], base[METADATA]["config"]);
        let experiment: Experiment = serde_json::from_str(said["experiment"].as_str().unwrap()).unwrap();
        assert_eq!((experiment.seeds, experiment.arms), (vec![3], vec![Arm::Scalar, Arm::Structured]));
    }

    #[test]
    fn a_base_model_of_another_shape_is_refused() {
        let count: usize = read(BASE).1.values().map(Vec::len).sum();
        for wrong in [0, 2, 2 * count - 2, 2 * count + 2] {
            assert_eq!(files(&snapshot(vec![0.0; wrong]), |_| Some(BASE)), Err(Unfit), "{wrong}");
        }
        let whole = snapshot(vec![0.0; 2 * count]);
        assert_eq!(files(&whole, |_| None), Err(Unfit));
        for cut in [0, 7, 100, BASE.len() - 1] {
            assert_eq!(files(&whole, |_| Some(&BASE[..cut])), Err(Unfit), "{cut}");
        }
    }
}
