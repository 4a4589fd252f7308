import SIPKit

/// What a script wants done with its message: carried out by the shard when the run has ended, in this order.
///
/// A test can print the list and compare it; nothing has been sent by then.
enum Effect: Equatable, BitwiseCopyable {
    /// Answer the request. `reason` and `headers` are ranges of ``RouteContext/texts``.
    case reply(status: Int, reason: ByteRange, headers: ByteRange, isStateful: Bool)
    /// Send the request on with a transaction, to the branches that stand in the context.
    case relay
    /// Send the request on and forget it (`forward()`, and the ACK of a 2xx).
    case forwardStateless
    /// Make a transaction without sending anything (`t_newtran`).
    case createTransaction
    /// Stop the branches of the INVITE that this CANCEL is for.
    case cancelInvite
    /// Send a copy to another server, whose answers end here; the URI is a range of ``RouteContext/texts``.
    case replicate(to: ByteRange)
    /// Send the octets as they came, without a Via of ours, to a URI in ``RouteContext/texts``.
    case send(to: ByteRange)
    /// End a transaction that was made and never used (`t_release`).
    case releaseTransaction
    /// Put a line into the log; the text is a range of ``RouteContext/texts``.
    case log(level: Int, text: ByteRange)
}
