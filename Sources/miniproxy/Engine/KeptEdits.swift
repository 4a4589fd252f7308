import SIPKit

/// What a script has changed in a request before it was relayed, for the time when a failure block or a user's script
/// sends it to somebody else: SER's failure blocks work on the request as it left, its Record-Route among the rest. Also
/// what all branches have in common, while a branch block changes one of them.
struct KeptEdits {
    private let edits: MessageEdits
    private let isRecordRouted: Bool
    private let recordRouteMark: MessageEdits.Mark
    private let recordRouteLine: MessageEdits.Mark
    private let recordRouteParameters: [UInt8]
    private let isContactFixed: Bool
    private let isMediaRelayed: Bool
    private let mediaEdits: MessageEdits.Stretch
    private let hasOtherIdentity: Bool
    private let answeredChallenge: MessageEdits.Stretch
    private let advertisedHost: [UInt8]
    private let advertisedPort: UInt16

    /// For long: in a copy as small as the edits are. What a failure block or a branch block of its relays the media of once
    /// more takes the place of what was relayed before: the ports of the first attempt may be gone with its refusal.
    init(_ context: RouteContext) {
        self.init(of: context, context.edits.compacted(), isMediaRelayed: false)
    }

    /// For the time of a branch block.
    init(of context: RouteContext) { self.init(of: context, context.edits, isMediaRelayed: context.isMediaRelayed) }

    private init(of context: RouteContext, _ edits: MessageEdits, isMediaRelayed: Bool) {
        self.edits = edits
        self.isRecordRouted = context.isRecordRouted
        self.recordRouteMark = context.recordRouteMark
        self.recordRouteLine = context.recordRouteLine
        self.recordRouteParameters = context.recordRouteParameters
        self.isContactFixed = context.isContactFixed
        self.isMediaRelayed = isMediaRelayed
        self.mediaEdits = context.mediaEdits
        self.hasOtherIdentity = context.hasOtherIdentity
        self.answeredChallenge = context.answeredChallenge
        self.advertisedHost = context.advertisedHost
        self.advertisedPort = context.advertisedPort
    }

    func bring(back context: inout RouteContext) {
        context.edits = self.edits
        context.isRecordRouted = self.isRecordRouted
        context.recordRouteMark = self.recordRouteMark
        context.recordRouteLine = self.recordRouteLine
        context.recordRouteParameters = self.recordRouteParameters
        context.isContactFixed = self.isContactFixed
        context.isMediaRelayed = self.isMediaRelayed
        context.mediaEdits = self.mediaEdits
        context.hasOtherIdentity = self.hasOtherIdentity
        context.answeredChallenge = self.answeredChallenge
        context.advertisedHost = self.advertisedHost
        context.advertisedPort = self.advertisedPort
    }
}
