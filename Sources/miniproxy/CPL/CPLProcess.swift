import SIPKit
import SIPNet

/// A call that a user's script has taken over: kept with its transaction from one answer to the next.
final class CPLProcess {
    var run: CPLRun
    /// Whose script it is, for the log.
    let owner: CPLTable.Owner
    /// The key of the owner's registrations.
    let registrations: [UInt8]
    /// Answers go through a transaction also where none was needed so far.
    let isStateful: Bool
    /// How to reach contacts behind NAT and behind other proxies, and their flags, by their URIs.
    var contacts: [[UInt8]: (received: [UInt8], path: [UInt8], flags: UInt32, socket: SendSocket?)] = [:]
    /// Branches whose end the script knows.
    var told: [Place] = []
    /// Seconds that an answer to what is being sent may take; `nil` where the transaction's own times count.
    var timeout: Int?
    var timer = TimerWheel.Handle.none

    init(run: CPLRun, owner: CPLTable.Owner, registrations: [UInt8], isStateful: Bool) {
        self.run = run
        self.owner = owner
        self.registrations = registrations
        self.isStateful = isStateful
    }
}
