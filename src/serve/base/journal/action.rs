//! What the log knows: a closed list of actions, with the words of people.

/// Something that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the French words below say what each one is")]
pub enum Action {
    Connexion,
    EchecConnexion,
    Verrouillage,
    Deconnexion,
    SessionFermee,
    AccesRefuse,
    SecondFacteurEnrole,
    SecondFacteurRefuse,
    SecondFacteurRetire,
    CodeSecoursUtilise,
    CodesSecoursRenouveles,
    MotDePasseChange,
    IdentiteLiee,
    IdentiteDeliee,
    ConsultationTableau,
    ConsultationEmployeur,
    ConsultationAgent,
    ConsultationBulletin,
    Explication,
    Simulation,
    DepotElements,
    DepotRefuse,
    Export,
    Demasquage,
    ConsultationClos,
    Rejeu,
    CompteCree,
    CompteModifie,
    CompteDesactive,
    InvitationEmise,
    InvitationAcceptee,
    ConsultationComptes,
    ConsultationJournal,
    ExportJournal,
    VerificationJournal,
    PurgeJournal,
}

impl Action {
    /// Every action, in the order of the filter of the log.
    pub const ALL: [Self; 36] = [
        Self::Connexion,
        Self::EchecConnexion,
        Self::Verrouillage,
        Self::Deconnexion,
        Self::SessionFermee,
        Self::AccesRefuse,
        Self::SecondFacteurEnrole,
        Self::SecondFacteurRefuse,
        Self::SecondFacteurRetire,
        Self::CodeSecoursUtilise,
        Self::CodesSecoursRenouveles,
        Self::MotDePasseChange,
        Self::IdentiteLiee,
        Self::IdentiteDeliee,
        Self::ConsultationTableau,
        Self::ConsultationEmployeur,
        Self::ConsultationAgent,
        Self::ConsultationBulletin,
        Self::Explication,
        Self::Simulation,
        Self::DepotElements,
        Self::DepotRefuse,
        Self::Export,
        Self::Demasquage,
        Self::ConsultationClos,
        Self::Rejeu,
        Self::CompteCree,
        Self::CompteModifie,
        Self::CompteDesactive,
        Self::InvitationEmise,
        Self::InvitationAcceptee,
        Self::ConsultationComptes,
        Self::ConsultationJournal,
        Self::ExportJournal,
        Self::VerificationJournal,
        Self::PurgeJournal,
    ];

    /// The word of the file, and the words that people read.
    fn mots(self) -> (&'static str, &'static str) {
        match self {
            Self::Connexion => ("connexion", "Connexion"),
            Self::EchecConnexion => ("echec_connexion", "Échec de connexion"),
            Self::Verrouillage => ("verrouillage", "Connexion suspendue après des échecs"),
            Self::Deconnexion => ("deconnexion", "Déconnexion"),
            Self::SessionFermee => ("session_fermee", "Session fermée"),
            Self::AccesRefuse => ("acces_refuse", "Accès refusé"),
            Self::SecondFacteurEnrole => ("second_facteur_enrole", "Second facteur enregistré"),
            Self::SecondFacteurRefuse => ("second_facteur_refuse", "Second facteur refusé"),
            Self::SecondFacteurRetire => ("second_facteur_retire", "Second facteur retiré"),
            Self::CodeSecoursUtilise => ("code_secours_utilise", "Code de secours utilisé"),
            Self::CodesSecoursRenouveles => {
                ("codes_secours_renouveles", "Codes de secours renouvelés")
            }
            Self::MotDePasseChange => ("mot_de_passe_change", "Mot de passe changé"),
            Self::IdentiteLiee => ("identite_liee", "Identité liée au compte"),
            Self::IdentiteDeliee => ("identite_deliee", "Identité déliée du compte"),
            Self::ConsultationTableau => ("consultation_tableau", "Tableau de bord consulté"),
            Self::ConsultationEmployeur => ("consultation_employeur", "Employeur consulté"),
            Self::ConsultationAgent => ("consultation_agent", "Agent consulté"),
            Self::ConsultationBulletin => ("consultation_bulletin", "Bulletin consulté"),
            Self::Explication => ("explication", "Ligne expliquée"),
            Self::Simulation => ("simulation", "Simulation"),
            Self::DepotElements => ("depot_elements", "Éléments variables déposés"),
            Self::DepotRefuse => ("depot_refuse", "Éléments variables refusés"),
            Self::Export => ("export", "Export"),
            Self::Demasquage => ("demasquage", "NIR ou IBAN affiché en entier"),
            Self::ConsultationClos => ("consultation_clos", "Mois clos consulté"),
            Self::Rejeu => ("rejeu", "Mois clos recalculé"),
            Self::CompteCree => ("compte_cree", "Compte créé"),
            Self::CompteModifie => ("compte_modifie", "Compte modifié"),
            Self::CompteDesactive => ("compte_desactive", "Compte désactivé"),
            Self::InvitationEmise => ("invitation_emise", "Invitation émise"),
            Self::InvitationAcceptee => ("invitation_acceptee", "Invitation acceptée"),
            Self::ConsultationComptes => ("consultation_comptes", "Comptes consultés"),
            Self::ConsultationJournal => ("consultation_journal", "Journal consulté"),
            Self::ExportJournal => ("export_journal", "Journal exporté"),
            Self::VerificationJournal => ("verification_journal", "Journal vérifié"),
            Self::PurgeJournal => ("purge_journal", "Journal purgé"),
        }
    }

    /// The word of the file and of addresses.
    pub fn name(self) -> &'static str {
        self.mots().0
    }

    /// The words that people read.
    pub fn french(self) -> &'static str {
        self.mots().1
    }

    /// The action of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}
