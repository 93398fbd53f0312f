//! The words that names are made of. Combinations are drawn at random: nobody and nowhere is meant.

/// First names given to women.
#[rustfmt::skip]
pub(super) const PRENOMS_F: &[&str] = &[
    "Marie", "Nathalie", "Isabelle", "Sylvie", "Catherine", "Valérie", "Sandrine", "Christine",
    "Véronique", "Céline", "Stéphanie", "Aurélie", "Émilie", "Julie", "Laura", "Camille", "Léa",
    "Manon", "Chloé", "Pauline", "Sophie", "Florence", "Corinne", "Laurence", "Delphine",
    "Virginie", "Karine", "Patricia", "Brigitte", "Martine", "Fatima", "Nadia", "Samia", "Leïla",
    "Élodie", "Mélanie", "Audrey", "Marine", "Lucie", "Anaïs", "Charlotte", "Justine", "Hélène",
    "Agnès", "Cécile", "Claire", "Anne", "Béatrice", "Muriel", "Séverine",
];

/// First names given to men.
#[rustfmt::skip]
pub(super) const PRENOMS_H: &[&str] = &[
    "Philippe", "Pascal", "Thierry", "Christophe", "Laurent", "Stéphane", "Frédéric", "Nicolas",
    "Sébastien", "David", "Julien", "Olivier", "Éric", "Patrick", "Michel", "Alain", "Bruno",
    "Franck", "Jérôme", "Cédric", "Vincent", "Guillaume", "Mathieu", "Thomas", "Alexandre",
    "Maxime", "Romain", "Kévin", "Anthony", "Florian", "Karim", "Rachid", "Mehdi", "Didier",
    "Gilles", "Hervé", "Marc", "Yves", "Denis", "Fabrice", "Ludovic", "Arnaud", "Benoît",
    "Damien", "Lucas", "Hugo", "Antoine", "Clément", "Xavier", "Régis",
];

/// Surnames.
#[rustfmt::skip]
pub(super) const NOMS: &[&str] = &[
    "Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau",
    "Laurent", "Simon", "Michel", "Lefebvre", "Leroy", "Roux", "David", "Bertrand", "Morel",
    "Fournier", "Girard", "Bonnet", "Dupont", "Lambert", "Fontaine", "Rousseau", "Vincent",
    "Muller", "Lefèvre", "Faure", "André", "Mercier", "Blanc", "Guérin", "Boyer", "Garnier",
    "Chevalier", "François", "Legrand", "Gauthier", "Garcia", "Perrin", "Robin", "Clément",
    "Morin", "Nicolas", "Henry", "Roussel", "Mathieu", "Gautier", "Masson", "Marchand", "Duval",
    "Denis", "Dumont", "Marie", "Lemaire", "Noël", "Meyer", "Dufour", "Meunier", "Brun",
    "Blanchard", "Giraud", "Joly", "Rivière", "Lucas", "Brunet", "Gaillard", "Barbier", "Arnaud",
    "Martinez", "Gérard", "Roche", "Renard", "Schmitt", "Roy", "Leroux", "Colin", "Vidal", "Caron",
    "Picard", "Roger", "Fabre", "Aubert", "Lemoine", "Renaud", "Dumas", "Lacroix", "Olivier",
    "Philippe", "Bourgeois", "Pierre", "Benoît", "Rey", "Leclerc", "Payet", "Rolland", "Leclercq",
    "Guillaume", "Lecomte", "Lopez", "Jean", "Dupuy", "Guillot", "Hubert", "Berger", "Carpentier",
    "Sanchez", "Dupuis", "Moulin", "Louis", "Deschamps", "Huet", "Vasseur", "Perez", "Boucher",
    "Fleury", "Royer", "Klein", "Jacquet", "Adam", "Paris", "Poirier", "Marty", "Aubry", "Guyot",
    "Carré", "Charles", "Renault", "Charpentier", "Ménard", "Maillard", "Baron", "Bertin", "Bailly",
    "Hervé", "Schneider", "Fernandez", "Le Gall", "Collet", "Léger", "Bouvier", "Julien", "Prévost",
    "Millet", "Perrot", "Daniel", "Le Roux", "Cousin", "Germain", "Breton", "Besson", "Langlois",
];

/// Streets.
#[rustfmt::skip]
pub(super) const VOIES: &[&str] = &[
    "rue des Lilas", "rue de la Mairie", "route du Moulin", "impasse des Acacias", "rue du Lavoir",
    "chemin des Vignes", "rue de l'Église", "avenue de la Gare", "place du Marché",
    "rue des Écoles", "allée des Tilleuls", "rue Basse", "chemin du Bois", "rue du Four",
    "lotissement des Prés", "rue de la Fontaine",
];

/// Beginnings of the names of communes.
#[rustfmt::skip]
pub(super) const DEBUTS: &[&str] = &[
    "Aubre", "Brenne", "Chante", "Drouvi", "Esparre", "Fauque", "Gorme", "Hauteri", "Issen",
    "Jarno", "Lanvi", "Merlau", "Nouzi", "Orveau", "Pierre", "Quinvi", "Rouvre", "Semme",
    "Tourve", "Ursel", "Vaudre", "Viane", "Saint-Aubri", "Sainte-Oria", "Saint-Virmi", "Morne",
    "Crèvan", "Belle", "Fonte",
];

/// Endings of the names of communes.
#[rustfmt::skip]
pub(super) const FINS: &[&str] = &[
    "ville", "court", "mont", "bray", "vigny", "sac", "lieu", "dan", "gnac", "roche", "val",
    "champ", "fosse",
];

/// Rivers and districts that tell two communes apart; one block of them per département.
pub(super) const PAYS: &[(&str, &str)] = &[
    ("la-Vorle", "Val de Vorle"),
    ("l'Ardelle", "Pays d'Ardelle"),
    ("la-Brenouze", "Haute-Brenouze"),
    ("le-Tarvin", "Plaine du Tarvin"),
    ("la-Sauvielle", "Val de Sauvielle"),
    ("l'Orsonne", "Coteaux d'Orsonne"),
    ("la-Meurgue", "Pays de Meurgue"),
    ("le-Vernault", "Bocage du Vernault"),
    ("la-Drusanne", "Vallée de la Drusanne"),
    ("l'Isaule", "Terres d'Isaule"),
];

/// What a syndicat does.
#[rustfmt::skip]
pub(super) const SYNDICATS: &[&str] = &[
    "Syndicat intercommunal des eaux",
    "Syndicat de collecte des déchets",
    "Syndicat scolaire",
    "Syndicat mixte de la rivière",
    "Syndicat d'énergie",
];

/// Départements of the mainland, in the order in which a national pool fills them. Without Paris
/// and its inner ring (no tiny commune there), Corse (codes with a letter) and overseas.
#[rustfmt::skip]
pub(super) const DEPARTEMENTS: &[u32] = &[
    71, 67, 35, 13, 63, 24, 59, 31, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19,
    21, 22, 23, 25, 26, 27, 28, 29, 30, 32, 33, 34, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
    48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 60, 61, 62, 64, 65, 66, 68, 69, 70, 72, 73, 74, 76,
    77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 95,
];
