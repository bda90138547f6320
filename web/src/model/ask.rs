//! A question put together from a world's entities and attributes.

use hedgerow::facts::world::Subject;

/// What is to be asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Picked {
    /// Who or what.
    pub entity: String,
    /// What can be asked of it.
    pub attributes: Vec<String>,
    /// What is asked of it.
    pub attribute: String,
    /// The true value; `None` if it was never taught.
    pub truth: Option<String>,
}

/// This entity and attribute, or the first ones of the world where it has no such thing.
pub fn pick(subjects: &[Subject], entity: &str, attribute: &str) -> Option<Picked> {
    let subject = subjects.iter().find(|known| known.entity == entity).or(subjects.first())?;
    let attributes = &subject.attributes;
    let (attribute, truth) = attributes.iter().find(|(known, _)| known == attribute).or(attributes.first())?.clone();
    let attributes = attributes.iter().map(|(word, _)| word.clone()).collect();
    Some(Picked { entity: subject.entity.clone(), attributes, attribute, truth })
}

impl Picked {
    /// In the words of the world.
    pub fn question(&self) -> String {
        format!("what is the {} of {} ?", self.attribute, self.entity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_entity_without_the_attribute_gets_its_own_first_one() {
        let subject = |entity: &str, attributes: &[&str]| Subject {
            entity: entity.into(),
            attributes: attributes.iter().map(|word| ((*word).to_owned(), None)).collect(),
        };
        let subjects = [subject("varn", &["theft", "height"]), subject("zorgon", &["mass"])];
        let question = |entity, attribute| pick(&subjects, entity, attribute).map(|picked| picked.question());
        assert_eq!(question("", ""), Some("what is the theft of varn ?".into()));
        assert_eq!(question("varn", "height"), Some("what is the height of varn ?".into()));
        assert_eq!(question("zorgon", "height"), Some("what is the mass of zorgon ?".into()));
        assert_eq!(pick(&[], "varn", "theft"), None);
    }
}
