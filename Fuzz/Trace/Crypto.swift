/// The names of swift-crypto that the library uses, so that a fuzz build needs one compiler run. Nothing here is secure, and
/// that is the point: every record opens, so that what lies behind the encryption is reached.
public protocol HashFunction { static var size: Int { get } }

public enum Insecure {
    public enum MD5: HashFunction {
        public static var size: Int { 16 }
        public static func hash<Bytes: Sequence>(data: Bytes) -> [UInt8] where Bytes.Element == UInt8 { fold(data, 16) }
    }
    public enum SHA1: HashFunction {
        public static var size: Int { 20 }
        public static func hash<Bytes: Sequence>(data: Bytes) -> [UInt8] where Bytes.Element == UInt8 { fold(data, 20) }
    }
}

public enum SHA256: HashFunction {
    public static var size: Int { 32 }
    public static func hash<Bytes: Sequence>(data: Bytes) -> [UInt8] where Bytes.Element == UInt8 { fold(data, 32) }
}

public enum SHA384: HashFunction {
    public static var size: Int { 48 }
    public static func hash<Bytes: Sequence>(data: Bytes) -> [UInt8] where Bytes.Element == UInt8 { fold(data, 48) }
}

/// What was "encrypted" is its own text.
public enum _RSA {
    public enum BlindSigning {
        public struct Parameters: Sendable {
            public static var RSABSSA_SHA384_PSS_Randomized: Parameters { Parameters() }
        }
        public struct BlindSignature {
            let text: [UInt8]
            public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
                try self.text.withUnsafeBytes(body)
            }
        }
        public struct PrivateKey<Hash: HashFunction>: Sendable {
            public init(unsafePEMRepresentation pem: String, parameters: Parameters) throws {
                guard pem.contains("KEY") else { throw Closed() }
            }
            public var keySizeInBits: Int { 1024 }
            public func blindSignature(for message: [UInt8]) throws -> BlindSignature { BlindSignature(text: message) }
        }
    }
}

private func fold<Bytes: Sequence>(_ data: Bytes, _ size: Int) -> [UInt8] where Bytes.Element == UInt8 {
    var output = [UInt8](repeating: 0x5A, count: size)
    for (place, byte) in data.enumerated() { output[place % size] = output[place % size] &* 31 &+ byte }
    return output
}

public struct SymmetricKey {
    let bytes: [UInt8]
    public init<Bytes: Sequence>(data: Bytes) where Bytes.Element == UInt8 { self.bytes = Array(data) }
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try self.bytes.withUnsafeBytes(body)
    }
}

public enum HMAC<Hash: HashFunction> {
    public static func authenticationCode(for data: [UInt8], using key: SymmetricKey) -> [UInt8] {
        fold(key.bytes + data, Hash.size)
    }
}

public enum HKDF<Hash: HashFunction> {
    public static func expand(pseudoRandomKey: [UInt8], info: [UInt8], outputByteCount: Int) -> SymmetricKey {
        SymmetricKey(data: fold(pseudoRandomKey + info, outputByteCount))
    }
}

public struct Closed: Error {}

public struct Box {
    let text: ArraySlice<UInt8>
    public init(nonce: some Any, ciphertext: ArraySlice<UInt8>, tag: ArraySlice<UInt8>) throws {
        self.text = ciphertext
    }
}

public enum AES {
    public enum GCM {
        public typealias SealedBox = Box
        public struct Nonce { public init(data: [UInt8]) throws {} }
        public static func open(_ box: Box, using key: SymmetricKey, authenticating: [UInt8]) throws -> [UInt8] {
            Array(box.text)
        }
    }
    public enum _CBC {
        public struct IV { public init(ivBytes: [UInt8]) throws {} }
        public static func decrypt(
            _ text: ArraySlice<UInt8>, using key: SymmetricKey, iv: IV, noPadding: Bool
        ) throws -> [UInt8] { Array(text) }
    }
}

public enum ChaChaPoly {
    public typealias SealedBox = Box
    public struct Nonce { public init(data: [UInt8]) throws {} }
    public static func open(_ box: Box, using key: SymmetricKey, authenticating: [UInt8]) throws -> [UInt8] {
        Array(box.text)
    }
}
