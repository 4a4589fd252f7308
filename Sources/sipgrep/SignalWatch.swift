import Glibc

/// SIGINT and SIGTERM as a question instead of a death: a run ends between two packets and prints what it has.
enum SignalWatch {
    // Written by the handler only, read by the run; a lost update cannot happen with one writer and one word.
    nonisolated(unsafe) private static var arrived: sig_atomic_t = 0

    nonisolated(unsafe) private static var rotate: sig_atomic_t = 0
    nonisolated(unsafe) private static var reopen: sig_atomic_t = 0
    nonisolated(unsafe) private static var report: sig_atomic_t = 0

    static var shouldEnd: Bool { self.arrived != 0 }

    static func begin() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            // The second one means it.
            if SignalWatch.arrived != 0 { _exit(ExitStatus.nothingSelected.rawValue) }
            SignalWatch.arrived = 1
        }
        sigemptyset(&action.sa_mask)
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP) { _ in SignalWatch.rotate = 1 }
        signal(SIGUSR1) { _ in
            SignalWatch.reopen = 1
            SignalWatch.report = 1
        }
    }

    /// Whether SIGUSR1 asked for the figures so far.
    static func takeReport() -> Bool {
        guard self.report != 0 else { return false }
        self.report = 0
        return true
    }

    /// Whether SIGHUP (begin a new file) or SIGUSR1 (open the file again) came since the last question.
    static func takeFileSignals() -> (rotate: Bool, reopen: Bool) {
        guard self.rotate != 0 || self.reopen != 0 else { return (false, false) }
        defer { (self.rotate, self.reopen) = (0, 0) }
        return (self.rotate != 0, self.reopen != 0)
    }
}
