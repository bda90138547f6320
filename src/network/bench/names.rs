//! The names that other libraries give to the parameters of a decoder.

/// The name of a parameter in [`crate::kernels::ModelConfig::tensors`], from the names that it goes by in GPT-2,
/// nanoGPT and their kin; separators do not count: `h.0.attn.c_attn.weight`, `blocks.0.qkv_w` and
/// `l0.wqkv` are `blocks.0.attention.qkv.weight`. `None` for one that is not known.
pub(super) fn lab_name(name: &str) -> Option<String> {
    const ATTENTION: &[&str] = &["attention", "attn", "selfattn", ""];
    const MLP: &[&str] = &["mlp", "ffn", "ff", ""];
    const WEIGHTS: &[(&str, &[&str])] = &[("weight", &["weight", "w", "kernel", ""]), ("bias", &["bias", "b"])];
    const NORMS: &[(&str, &[&str])] =
        &[("scale", &["scale", "g", "gamma", "weight", "w"]), ("shift", &["shift", "b", "beta", "bias"])];
    // The name here, the groups that may stand before its stem, stems, endings. The first that fits counts.
    type Names = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
        &'static [(&'static str, &'static [&'static str])],
    );
    const WHOLE: [Names; 4] = [
        (
            "embedding",
            &[""],
            &["embedding", "embed", "emb", "wte", "tok", "tokemb", "tokenembedding"],
            &[("", &["", "weight", "w"])],
        ),
        (
            "position",
            &[""],
            &["position", "pos", "wpe", "posemb", "posembed", "positionembedding"],
            &[("", &["", "weight", "w"])],
        ),
        ("final_norm.", &[""], &["finalnorm", "lnf", "normf", "lnfinal", "finalln"], NORMS),
        ("head", &[""], &["head", "lmhead", "unembed", "output", "out"], &[("", &["", "weight", "w"])]),
    ];
    const BLOCK: [Names; 6] = [
        ("attention_norm.", &[""], &["attentionnorm", "attnnorm", "ln1", "norm1"], NORMS),
        ("mlp_norm.", &[""], &["mlpnorm", "ffnnorm", "ln2", "norm2"], NORMS),
        ("attention.qkv.", ATTENTION, &["qkv", "cattn"], WEIGHTS),
        ("attention.out.", ATTENTION, &["out", "o", "proj", "cproj"], WEIGHTS),
        ("mlp.in.", MLP, &["in", "fc", "cfc", "fc1", "up", "1"], WEIGHTS),
        ("mlp.out.", MLP, &["out", "proj", "cproj", "fc2", "down", "2"], WEIGHTS),
    ];
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let letters = letters.strip_prefix("transformer").unwrap_or(&letters);
    let of = |known: &[Names], letters: &str| {
        known.iter().find_map(|(name, groups, stems, endings)| {
            let rest = groups.iter().filter_map(|group| letters.strip_prefix(group));
            rest.flat_map(|rest| stems.iter().map(move |stem| (rest, stem))).find_map(|(rest, stem)| {
                // Behind the stem as in `qkv.weight`, or before it as in `wqkv`.
                let fits = |ending: &&str| {
                    rest.strip_prefix(stem) == Some(ending)
                        || ending.len() == 1 && rest.strip_prefix(ending) == Some(stem)
                };
                let (ending, _) = endings.iter().find(|(_, endings)| endings.iter().any(fits))?;
                Some(format!("{name}{ending}"))
            })
        })
    };
    of(&WHOLE, letters).or_else(|| {
        let rest = ["blocks", "block", "layers", "layer", "h", "l", "b"].iter().find_map(|prefix| {
            letters.strip_prefix(prefix).filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        })?;
        // The number of a block is one digit, so that what follows may begin with one.
        let (layer, weight) = rest.split_at(1);
        Some(format!("blocks.{layer}.{}", of(&BLOCK, weight)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::bench::Workload;

    #[test]
    fn parameters_are_found_under_the_names_of_other_libraries() {
        let lab: Vec<String> =
            Workload::generate("A").unwrap().config.tensors().into_iter().map(|spec| spec.name).collect();
        let gpt2 = |block: &str| format!("transformer.h.{block}");
        let short = |block: &str| format!("l{block}");
        let all = |first: [&str; 2], block: &dyn Fn(&str) -> String, parts: [&str; 12], last: [&str; 3]| {
            let blocks = (0..2).flat_map(|layer| parts.map(|part| block(&format!("{layer}.{part}"))));
            let first = first.map(str::to_owned).into_iter();
            first.chain(blocks.collect::<Vec<_>>()).chain(last.map(str::to_owned)).collect::<Vec<String>>()
        };
        let gpt2 = all(
            ["transformer.wte.weight", "transformer.wpe.weight"],
            &gpt2,
            [
                "ln_1.weight",
                "ln_1.bias",
                "attn.c_attn.weight",
                "attn.c_attn.bias",
                "attn.c_proj.weight",
                "attn.c_proj.bias",
                "ln_2.weight",
                "ln_2.bias",
                "mlp.c_fc.weight",
                "mlp.c_fc.bias",
                "mlp.c_proj.weight",
                "mlp.c_proj.bias",
            ],
            ["transformer.ln_f.weight", "transformer.ln_f.bias", "lm_head.weight"],
        );
        let short = all(
            ["tok_emb", "pos_emb"],
            &short,
            ["ln1.g", "ln1.b", "wqkv", "bqkv", "wo", "bo", "ln2.g", "ln2.b", "w1", "b1", "w2", "b2"],
            ["ln_f.g", "ln_f.b", "w_head"],
        );
        for names in [&lab, &gpt2, &short] {
            let found: Vec<Option<String>> = names.iter().map(|name| lab_name(name)).collect();
            assert_eq!(found, lab.iter().cloned().map(Some).collect::<Vec<_>>());
        }
        assert_eq!(lab_name("h.0.rotary.inv_freq"), None);
    }
}
