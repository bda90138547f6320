//! `hedgerow reward-model`: how reward models judge what they were not trained on.

use std::path::PathBuf;

use anyhow::ensure;
use burn::tensor::Device;
use clap::Args;
use hedgerow::documents::metrics::{Judgement, RewardModelReport};
use hedgerow::judgement::experiment::{Arm, Experiment, RewardHeads};
use hedgerow::network::reward_model::generalisation;
use hedgerow::network::stack::Stack;
use hedgerow::rl::finetune::Finetune;
use pollster::block_on;

use super::RaterChoice;
use super::drive::read_bases;
use super::files::{prepare, write};

/// Train reward models on some ratings and ask them about true and false, blunt and contextual
/// answers on topics that they know, and on others.
#[derive(Args)]
pub(crate) struct Options {
    /// Who rates; the questions are those of its preset.
    #[arg(long, default_value = "touchy-topic")]
    rater: RaterChoice,
    /// Base models whose answers are rated.
    #[arg(long, value_delimiter = ',', default_value = "0,1,2,3,4")]
    seeds: Vec<u64>,
    /// Numbers of ratings to train on.
    #[arg(long, value_delimiter = ',', default_value = "50,200,1000,5000", value_parser = clap::value_parser!(u32).range(10..=100_000))]
    ratings: Vec<u32>,
    /// Where the base models are.
    #[arg(long, default_value = "public/base")]
    bases: PathBuf,
    /// The result, without extension.
    #[arg(long, default_value = "reward-model")]
    out: PathBuf,
}

/// Writes JSON and CSV and prints a table.
pub(crate) fn run(options: &Options, device: &Device) -> anyhow::Result<()> {
    let Options { rater, seeds, ratings, bases, out } = options;
    ensure!(!ratings.is_empty(), "it needs at least one number of ratings");
    let experiment =
        Experiment { arms: vec![Arm::Scalar], seeds: seeds.clone(), ..Experiment::preset((*rater).into()) };
    let file = |extension: &str| PathBuf::from(format!("{}.{extension}", out.display()));
    ["json", "csv"].into_iter().try_for_each(|extension| prepare(&file(extension)))?;
    let models = read_bases(seeds, bases)?;
    // A run that is not begun: it checks that the base models belong together, and stacks them.
    let policy = Finetune::new(experiment.clone(), experiment.replicas(), &models, device)?.policy();
    let corpora: Vec<_> = models.into_iter().map(|model| model.corpus).collect();
    let stack = Stack { policy: &policy, corpora: &corpora, seeds };
    let share = experiment.finetune.sensitive_share;
    let reports = block_on(generalisation(&experiment.rater, share, ratings, stack))?;

    print_table(&reports);
    let document = serde_json::json!({ "rater": experiment.rater, "sensitive_share": share, "reports": reports });
    write(&file("json"), document.to_string().as_bytes())?;
    write(&file("csv"), to_csv(&reports).as_bytes())
}

fn to_csv(reports: &[RewardModelReport]) -> String {
    let mut csv = String::from("seed,ratings,heads,r_squared,region,uncomfortable,answer,answers,predicted,expected\n");
    for RewardModelReport { seed, ratings, heads, r_squared, judgements } in reports {
        for judgement in judgements {
            let (region, answer) = (judgement.region.id(), judgement.answer.id());
            csv += &format!(
                "{seed},{ratings},{},{r_squared},{region},{},{answer},{},{},{}\n",
                heads.id(),
                judgement.uncomfortable,
                judgement.answers,
                judgement.predicted,
                judgement.expected,
            );
        }
    }
    csv
}

/// Predicted less expected, mean ± standard deviation over seeds: a row for each region and kind of
/// answer, a column for each number of ratings and kind of heads.
fn print_table(reports: &[RewardModelReport]) {
    let mut columns: Vec<_> = reports.iter().map(|report| (report.ratings, report.heads)).collect();
    // Seeds are innermost.
    columns.dedup();
    let print = |row: &str, cells: Vec<String>| {
        println!("{row:<48}{}", cells.iter().map(|cell| format!("{cell:>15}")).collect::<String>());
    };
    let row = |number: &dyn Fn(&RewardModelReport) -> Option<f32>| {
        let cell = |column: &(u32, RewardHeads)| {
            let own = reports.iter().filter(|report| (report.ratings, report.heads) == *column);
            let numbers: Vec<f32> = own.filter_map(number).collect();
            let mean = numbers.iter().sum::<f32>() / numbers.len() as f32;
            let squares = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f32>();
            format!("{mean:.2} ± {:.2}", (squares / (numbers.len().max(2) - 1) as f32).sqrt())
        };
        columns.iter().map(cell).collect()
    };
    let heading = columns.iter().map(|(ratings, heads)| format!("{ratings} {}", heads.id()));
    print("predicted less expected", heading.collect());
    print("R²", row(&|report| Some(report.r_squared)));
    for Judgement { region, uncomfortable, answer, .. } in reports.iter().take(1).flat_map(|report| &report.judgements)
    {
        let same = |own: &&Judgement| (&own.region, &own.uncomfortable, &own.answer) == (region, uncomfortable, answer);
        let side = if *uncomfortable { "uncomfortable " } else { "" };
        let label = format!("{} {side}{}", region.id(), answer.id());
        print(&label, row(&|report| report.judgements.iter().find(same).map(Judgement::bias)));
    }
}
