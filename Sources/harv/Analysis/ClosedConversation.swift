import SIPKit

/// A conversation that is over, with what the analyser knew when it ended: all that judging it needs.
///
/// The analyser lets go of the conversation when it hands this on, so it may go to another thread.
struct ClosedConversation: @unchecked Sendable {
    let conversation: Conversation
    /// Whether who began it only probes.
    var isNoise: Bool
    /// Whether who began it has sent so much in a second that it may be a flood.
    var isBusy: Bool
    /// The newest time in the trace.
    var now: Int64
    var hasTimes: Bool
    /// Whether no public address had been seen.
    var isLaboratory: Bool
    var servers: ServerSet
    /// Whether the input is a capture, so that its sound will be there at the end.
    var wantsMedia: Bool
    /// Whether a line of accounting has been read, so that calls will be compared at the end.
    var wantsOutcomes: Bool
    /// The texts of agents and labels that were met since the conversation before this one.
    var newAgents: [[UInt8]]
    var newLabels: [[UInt8]]

    /// Who began it.
    var opener: IPAddress? {
        guard !self.conversation.records.isEmpty else { return nil }
        return self.conversation.records[0].isRequest
            ? self.conversation.records[0].source.ip : self.conversation.records[0].destination.ip
    }
}
