//! The great figure in the laboratory.

use hedgerow::documents::report::RunReport;
use leptos::prelude::*;

use crate::model::picture::Picture;
use crate::stores::use_stores;
use crate::text::text;
use crate::views::outcomes::OutcomesView;
use crate::views::outcomes::source::Source;
use crate::views::save_picture::SavePicture;

/// The panel.
#[component]
pub fn Outcomes(
    /// Its place on the page.
    id: &'static str,
) -> impl IntoView {
    let text = &text().outcomes;
    let arms =
        use_stores().view.memo(&[], |report: Option<&RunReport>| report.map_or(0, |own| own.experiment.arms.len()));
    view! {
        <section id=id class="outcomes-panel" aria-labelledby=format!("{id}-title")>
            <div class="outcomes-head">
                <h2 id=format!("{id}-title")>{text.title}</h2>
                <SavePicture title=text.title.to_owned() picture=Picture::Outcomes />
                <Source />
            </div>
            <p class="hint">{text.about}</p>
            <OutcomesView arms quoted=true />
        </section>
    }
}
