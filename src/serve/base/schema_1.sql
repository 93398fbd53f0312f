-- Accounts, sessions, log. Instants are seconds since 1970, UTC.

CREATE TABLE comptes (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    identifiant   TEXT NOT NULL UNIQUE CHECK (length(identifiant) BETWEEN 3 AND 120),
    nom           TEXT NOT NULL CHECK (length(nom) BETWEEN 1 AND 120),
    role          TEXT NOT NULL
                  CHECK (role IN ('administrateur', 'operateur', 'gestionnaire', 'auditeur')),
    tous          INTEGER NOT NULL CHECK (tous IN (0, 1)),
    fin           TEXT,
    actif         INTEGER NOT NULL DEFAULT 1 CHECK (actif IN (0, 1)),
    mot_de_passe  TEXT,
    totp          BLOB,
    totp_attente  BLOB,
    totp_pas      INTEGER NOT NULL DEFAULT 0,
    version       INTEGER NOT NULL DEFAULT 1,
    cree          INTEGER NOT NULL,
    connexion     INTEGER
) STRICT;

CREATE TABLE perimetres (
    compte  INTEGER NOT NULL REFERENCES comptes (id) ON DELETE CASCADE,
    siret   TEXT NOT NULL CHECK (length(siret) = 14),
    PRIMARY KEY (compte, siret)
) STRICT, WITHOUT ROWID;

CREATE TABLE codes_secours (
    compte     INTEGER NOT NULL REFERENCES comptes (id) ON DELETE CASCADE,
    empreinte  BLOB NOT NULL,
    PRIMARY KEY (compte, empreinte)
) STRICT, WITHOUT ROWID;

CREATE TABLE identites (
    emetteur  TEXT NOT NULL,
    sujet     TEXT NOT NULL,
    compte    INTEGER NOT NULL REFERENCES comptes (id) ON DELETE CASCADE,
    PRIMARY KEY (emetteur, sujet)
) STRICT, WITHOUT ROWID;

CREATE TABLE invitations (
    compte     INTEGER PRIMARY KEY REFERENCES comptes (id) ON DELETE CASCADE,
    empreinte  BLOB NOT NULL UNIQUE,
    expire     INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    empreinte   BLOB NOT NULL UNIQUE,
    compte      INTEGER NOT NULL REFERENCES comptes (id) ON DELETE CASCADE,
    secret      BLOB NOT NULL,
    etat        TEXT NOT NULL CHECK (etat IN ('complete', 'attend_second_facteur')),
    cree        INTEGER NOT NULL,
    vue         INTEGER NOT NULL,
    adresse     TEXT NOT NULL,
    navigateur  TEXT NOT NULL,
    -- Of the identity provider that vouched for the person: what signs them out there.
    id_token    TEXT
) STRICT;

CREATE INDEX sessions_compte ON sessions (compte);

-- Failed sign-ins, under the digest of what was typed: it may be no account, or a password.
CREATE TABLE echecs (
    cle      BLOB PRIMARY KEY,
    nombre   INTEGER NOT NULL,
    dernier  INTEGER NOT NULL,
    jusqu    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    numero       INTEGER PRIMARY KEY,
    quand        INTEGER NOT NULL,
    compte       INTEGER,
    identifiant  TEXT NOT NULL,
    role         TEXT,
    adresse      TEXT NOT NULL,
    action       TEXT NOT NULL,
    siret        TEXT,
    agent        TEXT,
    mois         TEXT,
    detail       TEXT NOT NULL,
    precedente   BLOB NOT NULL,
    empreinte    BLOB NOT NULL
) STRICT;

CREATE INDEX journal_compte ON journal (compte, numero);
CREATE INDEX journal_agent ON journal (agent, numero);
CREATE INDEX journal_siret ON journal (siret, numero);
CREATE INDEX journal_quand ON journal (quand);

-- Where the log begins after a purge: the last entry that is gone.
CREATE TABLE ancres (
    numero     INTEGER PRIMARY KEY,
    empreinte  BLOB NOT NULL,
    quand      INTEGER NOT NULL
) STRICT;

-- Where the log ends: entries cut off its end are missed.
CREATE TABLE tete (
    un         INTEGER PRIMARY KEY CHECK (un = 1),
    numero     INTEGER NOT NULL,
    empreinte  BLOB NOT NULL
) STRICT;

INSERT INTO tete VALUES (1, 0, zeroblob(32));

CREATE TRIGGER journal_ne_change_pas BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;

CREATE TRIGGER journal_se_suit BEFORE INSERT ON journal
WHEN NEW.numero <> 1 + (SELECT numero FROM tete)
BEGIN SELECT RAISE(ABORT, 'the log has no gap and no second entry'); END;

CREATE TRIGGER journal_reste BEFORE DELETE ON journal
WHEN OLD.numero > coalesce((SELECT max(numero) FROM ancres), 0)
BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;

CREATE TRIGGER ancres_ne_changent_pas BEFORE UPDATE ON ancres
BEGIN SELECT RAISE(ABORT, 'an anchor never moves'); END;

CREATE TRIGGER ancres_restent BEFORE DELETE ON ancres
BEGIN SELECT RAISE(ABORT, 'an anchor never moves'); END;

CREATE TRIGGER ancres_avancent BEFORE INSERT ON ancres
WHEN NEW.numero <= coalesce((SELECT max(numero) FROM ancres), 0)
BEGIN SELECT RAISE(ABORT, 'an anchor never goes back'); END;

CREATE TRIGGER tete_est_seule BEFORE INSERT ON tete
BEGIN SELECT RAISE(ABORT, 'the log has one end'); END;

CREATE TRIGGER tete_reste BEFORE DELETE ON tete
BEGIN SELECT RAISE(ABORT, 'the log has an end'); END;

CREATE TRIGGER tete_avance BEFORE UPDATE ON tete WHEN NEW.numero < OLD.numero
BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
