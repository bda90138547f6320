//! A table makes an enum: the entries with their names in files and whatever else is known of each.
//!
//! What has to be said about an arm, a metric or a number of an update is said in one entry. Code that
//! needs one of these reads the entry, and code that needs all goes through the table.

/// Makes `enum $Name` with `ALL`, `spec`, `id` and `from_id`, and the static table of its `$Spec`s. The
/// documentation of an entry is also its meaning in docs/SCHEMA.md.
macro_rules! table {
    (
        $(#[$attribute:meta])* $key:ident: $Name:ident, $Spec:ident;
        $($(#[doc = $meaning:literal])+ $Entry:ident = $id:literal { $($field:ident: $value:expr),+ $(,)? })+
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $Name { $($(#[doc = $meaning])+ #[serde(rename = $id)] $Entry,)+ }

        impl $Name {
            /// The whole table, in order.
            pub const ALL: [$Name; [$($Name::$Entry),+].len()] = [$($Name::$Entry),+];

            /// Its entry of the table.
            pub fn spec(self) -> &'static $Spec {
                &SPECS[self as usize]
            }

            /// The name in files and on the command line.
            pub fn id(self) -> &'static str {
                self.spec().id
            }

            /// What has this name.
            pub fn from_id(id: &str) -> Option<$Name> {
                $Name::ALL.into_iter().find(|entry| entry.id() == id)
            }
        }

        static SPECS: [$Spec; $Name::ALL.len()] = [$($Spec {
            $key: $Name::$Entry,
            id: $id,
            #[cfg(feature = "cli")]
            meaning: concat!($($meaning),+),
            $($field: $value,)+
        }),+];
    };
}

pub(crate) use table;
