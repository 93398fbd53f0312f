//! What can go wrong between the button and the account: English for the log, French for the page.
//!
//! Neither text ever holds a secret, a token, a name or an address of a person.

/// Why a sign-in by the identity provider did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// The provider does not answer.
    #[error("the identity provider cannot be reached: {0}")]
    Injoignable(String),
    /// What the provider says of itself cannot be used.
    #[error("the configuration that the identity provider publishes cannot be used: {0}")]
    Fournisseur(String),
    /// The sign-in was started too long ago.
    #[error("the sign-in was started more than ten minutes ago")]
    FluxExpire,
    /// The answer does not belong to the sign-in that this browser started.
    #[error("the state of the answer is not that of the request")]
    Etat,
    /// The answer names another provider than the one that was asked.
    #[error("the answer comes from another issuer than the one that was asked")]
    AutreFournisseur,
    /// The person or the provider said no.
    #[error("the identity provider refused: {0}")]
    Refus(String),
    /// The provider sent the browser back with nothing.
    #[error("the answer has neither a code nor an error")]
    CodeManquant,
    /// The provider does not give a token for its code.
    #[error("the identity provider refused the code: {0}")]
    CodeRefuse(String),
    /// An answer that does not follow the protocol.
    #[error("the answer of the identity provider cannot be used: {0}")]
    Reponse(String),
    /// A token of another provider.
    #[error("the token is of another issuer")]
    Emetteur,
    /// A token for another application.
    #[error("the token is for another client")]
    Audience,
    /// A token that is not signed as it must be.
    #[error("the signature of the token is refused: {0}")]
    Signature(String),
    /// A token signed by a key that the provider does not publish.
    #[error("the token is signed by a key that the provider does not publish")]
    CleInconnue,
    /// A token of the past, or of a future that clocks do not explain.
    #[error("the dates of the token are refused")]
    Expire,
    /// A token made for another sign-in.
    #[error("the nonce of the token is not that of the request")]
    Nonce,
    /// A sign-in that is weaker than what is required.
    #[error("the level of authentication (acr) is not one that the configuration requires")]
    Niveau,
    /// An access token that the ID token does not name.
    #[error("the access token is not the one that the ID token names (at_hash)")]
    Empreinte,
    /// Userinfo of another person.
    #[error("userinfo is about another subject than the ID token")]
    Sujet,
    /// The provider has not checked the address that would name the account.
    #[error("the provider says that the address is not verified")]
    EmailNonVerifie,
    /// The claim that names the account is not there.
    #[error("no claim `{0}` in userinfo nor in the ID token")]
    SansIdentifiant(String),
}

impl OidcError {
    /// The sentences that the page shows; `nom` is the name of the provider on the button.
    pub fn message(&self, nom: &str) -> String {
        match self {
            Self::Injoignable(_) => format!(
                "{nom} ne répond pas. Réessayez dans quelques minutes, ou connectez-vous avec \
                 votre mot de passe si vous en avez un."
            ),
            Self::Fournisseur(_) | Self::Reponse(_) => format!(
                "{nom} a donné une réponse que le serveur ne peut pas utiliser. Prévenez \
                 l’administrateur\u{a0}: la cause est dans le journal du serveur."
            ),
            Self::FluxExpire => "Plus de dix minutes ont passé depuis le début de la connexion. \
                                 Recommencez-la."
                .to_owned(),
            Self::Etat | Self::CodeManquant | Self::Nonce | Self::Expire => {
                "Cette réponse ne correspond pas à la connexion commencée dans ce navigateur. \
                 Recommencez la connexion\u{a0}; n’utilisez ni le bouton «\u{a0}Précédent\u{a0}» \
                 ni un lien reçu."
                    .to_owned()
            }
            Self::Refus(code) if code == "access_denied" => {
                format!("La connexion a été annulée chez {nom}. Vous pouvez la recommencer.")
            }
            Self::Refus(_) => format!(
                "{nom} a refusé la connexion. Recommencez-la\u{a0}; si le refus se répète, \
                 prévenez l’administrateur."
            ),
            Self::CodeRefuse(code) if code == "invalid_grant" => {
                "Cette connexion a déjà servi ou n’est plus valable. Recommencez-la.".to_owned()
            }
            Self::CodeRefuse(_) => format!(
                "{nom} ne reconnaît pas ce serveur. Prévenez l’administrateur\u{a0}: \
                 l’identifiant ou le secret du client est à vérifier."
            ),
            Self::AutreFournisseur
            | Self::Emetteur
            | Self::Audience
            | Self::Signature(_)
            | Self::CleInconnue
            | Self::Empreinte
            | Self::Sujet => format!(
                "La réponse reçue de {nom} n’est pas authentique, ou n’est pas pour ce serveur. \
                 La connexion est refusée. Recommencez-la\u{a0}; si le refus se répète, \
                 prévenez l’administrateur."
            ),
            Self::Niveau => format!(
                "Le niveau d’authentification obtenu chez {nom} est insuffisant. Recommencez la \
                 connexion avec le moyen renforcé que demande votre employeur."
            ),
            Self::EmailNonVerifie => format!(
                "{nom} n’a pas vérifié votre adresse électronique. Faites-la vérifier chez {nom}, \
                 puis recommencez la connexion."
            ),
            Self::SansIdentifiant(_) => format!(
                "{nom} n’a pas transmis ce qui désigne votre compte. Prévenez \
                 l’administrateur\u{a0}: les portées demandées ou l’identifiant choisi sont à \
                 vérifier."
            ),
        }
    }
}

/// An error code of the protocol as it may be logged: nothing else passes.
pub(super) fn code_sur(code: &str) -> String {
    let sur = code.len() <= 64 && code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    if sur && !code.is_empty() { code.to_owned() } else { "an unknown error".to_owned() }
}
