import SIPKit

/// What a script has changed in a request before it was relayed, for the time when a failure block or a user's script
/// sends it to somebody else: SER's failure blocks work on the request as it left, its Record-Route among the rest.
struct KeptEdits {
    private let edits: MessageEdits
    private let isRecordRouted: Bool
    private let recordRouteMark: MessageEdits.Mark
    private let recordRouteLine: MessageEdits.Mark
    private let recordRouteParameters: [UInt8]
    private let isContactFixed: Bool
    private let isMediaRelayed: Bool
    private let hasOtherIdentity: Bool
    private let advertisedHost: [UInt8]
    private let advertisedPort: UInt16

    init(_ context: RouteContext) {
        self.edits = context.edits.compacted()
        self.isRecordRouted = context.isRecordRouted
        self.recordRouteMark = context.recordRouteMark
        self.recordRouteLine = context.recordRouteLine
        self.recordRouteParameters = context.recordRouteParameters
        self.isContactFixed = context.isContactFixed
        self.isMediaRelayed = context.isMediaRelayed
        self.hasOtherIdentity = context.hasOtherIdentity
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
        context.hasOtherIdentity = self.hasOtherIdentity
        context.advertisedHost = self.advertisedHost
        context.advertisedPort = self.advertisedPort
    }
}
