//! The end of a long verb, when a person or the system asks for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set when the person or the system asks for the end.
pub(super) fn interruption() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = flag.clone();
    // Without the thread a key still ends everything, only without a summary.
    let _ = std::thread::Builder::new().name("interruption".into()).spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            #[cfg(unix)]
            {
                use tokio::signal::unix::{SignalKind, signal};
                let (Ok(mut interrupt), Ok(mut terminate)) =
                    (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
                else {
                    return;
                };
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                set.store(true, Ordering::Relaxed);
                // A second time it is meant.
                interrupt.recv().await;
                std::process::exit(130);
            }
            #[cfg(not(unix))]
            {
                let _ = tokio::signal::ctrl_c().await;
                set.store(true, Ordering::Relaxed);
            }
        });
    });
    flag
}
