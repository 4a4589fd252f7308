import SIPKit

extension FunctionBodies {
    /// `xlog("L_INFO", "%rm for %ru\n")`, `xlog("%rm\n")`.
    static let xlog = Body { arguments, context in
        context.log(Self.level(arguments.text(0)), arguments.text(1))
        return .yes
    }

    static let xdebug = Body { arguments, context in
        context.log(4, arguments.text(0))
        return .yes
    }

    /// Only the third letter counts, as in SER.
    private static func level(_ word: [UInt8]) -> Int {
        guard word.count > 2 else { return -1 }
        return switch word[2] | 0x20 {
        case UInt8(ascii: "a"): -3
        case UInt8(ascii: "c"): -2
        case UInt8(ascii: "w"): 1
        case UInt8(ascii: "n"): 2
        case UInt8(ascii: "i"): 3
        case UInt8(ascii: "d"): 4
        default: -1
        }
    }
}
