/// What a shard has counted since it began.
struct ProxyStatistics: Sendable {
    var requests = 0
    var responses = 0
    /// Not SIP, or without what every message needs.
    var malformed = 0
    /// Refusals of such that were not sent: too many to one address.
    var refusalsHeldBack = 0
    /// Repeats that were absorbed.
    var repeats = 0
    /// Responses that belong to nothing of ours: dropped.
    var strayResponses = 0
    /// Requests that were refused because the tables are full.
    var overloaded = 0
    /// Answers of our own without a transaction, by status.
    var statelessReplies = InlineArray<700, Int>(repeating: 0)
    /// Answers of our own through a transaction.
    var repliedLocally = 0
    /// Server transactions ever, and how they ended, by class.
    var transactions = 0
    var completions = InlineArray<7, Int>(repeating: 0)
    var relayedReplies = InlineArray<7, Int>(repeating: 0)
    var timeouts = 0
    var sendErrors = 0
    var loops = 0
    /// Requests that went to their next place because one had failed.
    var failovers = 0
}
