/// One step of a program: 16 bytes that refer to nothing, so that running copies and counts no references.
///
/// A test jumps to `target` when its result equals `jumpsIf`, and goes on otherwise: `if`, `&&` and `||` are nothing else.
struct Instruction: Sendable {
    enum Operation: UInt8, Sendable {
        // Flow.
        /// To `target`.
        case jump
        /// The value of the last action is `operand`.
        case value
        /// Calls the block that begins at `target`.
        case block
        /// Leaves the block; its value is that of the last action.
        case end
        /// Leaves the block with the value `operand` (`break`, `return n`).
        case leave
        /// Leaves the block with the value of expression `operand`; 0 ends the script.
        case leaveWith
        /// A `while` begins: its rounds (counter `operand`) are counted from 0.
        case enterLoop
        /// One more round of the `while` with counter `operand`, at `target`; too many end it.
        case loop
        /// To the place that choice `operand` says.
        case choose
        /// Carries out assignment `operand`.
        case assign
        /// Ends the script.
        case exit
        /// Ends the script and drops what would be sent (`drop`).
        case drop
        // Commands.
        /// Calls site `operand`.
        case call
        case setFlags, resetFlags
        // Tests.
        /// Calls site `operand` and tests what it says.
        case testCall
        /// Tests the value of the last action: after `block`, or after `{ … }`.
        case testValue
        case testFlags
        /// Whether expression `operand` is true.
        case evaluate
        /// Compares what the last call returned (`short`: `ResultTest`) with `operand`.
        case testResult
        /// A text (`short`) equals constant `operand`.
        case textEquals, textDiffers
        /// A text (`short`) matches pattern `operand`.
        case textMatches
        /// The status is `operand`.
        case statusEquals, statusDiffers
        case statusMatches
        /// The URI (`short`) is ours; one that cannot be read goes to `error`.
        case uriIsMyself, uriIsNotMyself
        /// Source (`short` 0) or destination (1) address.
        case addressIsMyself, addressIsNotMyself
        case addressInside, addressOutside
        case addressMatches
        case addressIsHost, addressIsNotHost
        /// A number (`short`: `NumberOperand`) against `operand`.
        case numberEquals, numberDiffers, numberLess, numberLessOrEqual, numberGreater, numberGreaterOrEqual
        /// `operand` is the raw value of a transport.
        case transportEquals, transportDiffers
        /// `operand` is 4 or 6.
        case familyEquals, familyDiffers
        case constant
    }

    var operation: Operation
    var jumpsIf = false
    var short: UInt16 = 0
    var operand: Int32 = 0
    var target: Int32 = -1
    /// Where a test goes that could not be made.
    var error: Int32 = -1
}

/// How a call's result is compared.
enum ResultTest: UInt16, Sendable { case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual }

/// The numbers that conditions compare.
enum NumberOperand: UInt16, Sendable { case messageLength, sourcePort, destinationPort }
