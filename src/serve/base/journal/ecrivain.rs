//! The thread that writes the log: what waits together is written together.
//!
//! A write to the disk takes milliseconds. While one is under way, entries queue up; the next
//! transaction takes them all. Each caller hears of its own entry once it is on the disk.

use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};

use rusqlite::{Connection, TransactionBehavior};

use super::super::{Base, BaseError};
use super::Entree;
use super::chaine::ajouter;

/// The most entries of one transaction.
const LOT: usize = 512;

type Reponse = Box<dyn FnOnce(Result<i64, BaseError>) + Send>;

struct Demande {
    entree: Entree,
    reponse: Reponse,
}

/// The thread, and the way to it. Dropped, it writes what waits and stops.
pub struct Ecrivain {
    envoi: Option<Sender<Demande>>,
    fil: Option<JoinHandle<()>>,
}

impl Ecrivain {
    /// Starts the thread, with a connection of its own.
    ///
    /// # Errors
    ///
    /// [`BaseError::Journal`] when the system gives no thread.
    pub fn lancer(base: Connection) -> Result<Self, BaseError> {
        let (envoi, reception) = channel();
        let fil = Builder::new().name("journal".to_owned()).spawn(|| tenir(base, reception));
        let fil = fil.map_err(|cause| BaseError::Journal(cause.to_string()))?;
        Ok(Self { envoi: Some(envoi), fil: Some(fil) })
    }

    fn envoyer(&self, entree: Entree, reponse: Reponse) -> Result<(), BaseError> {
        let Some(envoi) = &self.envoi else { return Err(arrete()) };
        envoi.send(Demande { entree, reponse }).map_err(|_| arrete())
    }
}

impl Drop for Ecrivain {
    fn drop(&mut self) {
        self.envoi = None;
        if let Some(fil) = self.fil.take() {
            // A thread that panicked has answered nobody: callers were told by their channels.
            let _ = fil.join();
        }
    }
}

fn arrete() -> BaseError {
    BaseError::Journal("its thread has stopped".to_owned())
}

fn tenir(mut base: Connection, reception: Receiver<Demande>) {
    while let Ok(premiere) = reception.recv() {
        let mut lot = vec![premiere];
        lot.extend(reception.try_iter().take(LOT - 1));
        let (entrees, reponses): (Vec<_>, Vec<_>) =
            lot.into_iter().map(|demande| (demande.entree, demande.reponse)).unzip();
        match ecrire(&mut base, &entrees) {
            Ok(numeros) => {
                reponses.into_iter().zip(numeros).for_each(|(reponse, numero)| reponse(Ok(numero)));
            }
            Err(cause) => {
                let cause = cause.to_string();
                let refus = |reponse: Reponse| reponse(Err(BaseError::Journal(cause.clone())));
                reponses.into_iter().for_each(refus);
            }
        }
    }
}

fn ecrire(base: &mut Connection, entrees: &[Entree]) -> Result<Vec<i64>, BaseError> {
    let transaction = base.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let ajoutees = entrees.iter().map(|entree| ajouter(&transaction, entree));
    let numeros = ajoutees.collect::<Result<Vec<i64>, BaseError>>()?;
    transaction.commit()?;
    Ok(numeros)
}

impl Base {
    /// Logs something, and returns its number once it is on the disk. Blocks: for commands, and for
    /// threads that may wait.
    ///
    /// # Errors
    ///
    /// [`BaseError::Journal`]: it is not logged, so what it is about must not go on.
    pub fn journaliser(&self, entree: Entree) -> Result<i64, BaseError> {
        let (envoi, reception) = sync_channel(1);
        let reponse = Box::new(move |numero| drop(envoi.send(numero)));
        self.ecrivain.envoyer(entree, reponse)?;
        reception.recv().unwrap_or_else(|_| Err(arrete()))
    }

    /// The same for pages: the thread of the page is free meanwhile.
    ///
    /// # Errors
    ///
    /// [`BaseError::Journal`]: it is not logged, so what it is about must not go on.
    pub async fn noter(&self, entree: Entree) -> Result<i64, BaseError> {
        let (envoi, reception) = tokio::sync::oneshot::channel();
        let reponse = Box::new(move |numero| drop(envoi.send(numero)));
        self.ecrivain.envoyer(entree, reponse)?;
        reception.await.unwrap_or_else(|_| Err(arrete()))
    }
}
