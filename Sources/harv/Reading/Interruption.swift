import Glibc
import Synchronization

/// Control-C ends reading, and the report of what was read comes all the same; the second one ends the program.
enum Interruption {
    private static let asked = Atomic<Bool>(false)

    static var isAsked: Bool { self.asked.load(ordering: .relaxed) }

    static func install() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            if Interruption.asked.exchange(true, ordering: .relaxed) { _exit(130) }
        }
        // No SA_RESTART: a read that waits has to come back.
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
    }
}
