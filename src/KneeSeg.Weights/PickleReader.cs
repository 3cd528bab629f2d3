using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace KneeSeg.Weights;

/// <summary>A class or function that a pickle names.</summary>
internal sealed record PickledName(string Name);

/// <summary>What a pickle wants to be made by a class or function that this reader does not know: left as it is.</summary>
/// <param name="Name">Of the class or function, with its module.</param>
public sealed record PickledObject(string Name);

/// <summary>
/// Reads Python's pickles as data: the opcodes of protocol 2 that PyTorch writes, and no others. No code runs. A call becomes
/// a value where <see cref="PickledCalls"/> knows what it makes, otherwise a <see cref="PickledObject"/>; a class is its
/// name. Values are those of .NET: null, bool, long, BigInteger, double, string, byte[]; object?[] for tuples; lists and
/// dictionaries of object?.
/// </summary>
/// <param name="stream">Read from its position on.</param>
/// <param name="length">The number of bytes that may be read.</param>
/// <param name="persistent">Makes the value that a persistent id stands for.</param>
internal sealed class PickleReader(Stream stream, long length, Func<object?[], object> persistent)
{
    // Some hundred megabytes of weights take a few thousand opcodes; long logs of a training a few million.
    private const int MostOpcodes = 5_000_000;
    private const int MostBytes = 1 << 25;
    private const int MostStacked = 1 << 18;
    private const int LongestText = 1 << 20;
    private const int LongestName = 1 << 8;

    // Names that no file of weights needs: one that has them was made to attack programs that run pickles.
    private static readonly HashSet<string> Attacks =
    [
        .. "asyncio bdb code codeop commands ctypes importlib multiprocessing nt os pdb pip posix pty runpy shutil".Split(),
        .. "socket subprocess sys timeit webbrowser".Split(),
    ];
    private static readonly HashSet<string> BuiltinAttacks =
    [
        .. "__import__ apply breakpoint compile eval exec execfile getattr input open setattr".Split(),
    ];

    private readonly long end = stream.Position + Math.Min(length, MostBytes);
    private readonly List<object?> stack = [];
    private readonly Stack<int> marks = [];
    private readonly Dictionary<uint, object?> memo = [];
    private int opcodes;

    /// <summary>The next pickle; the stream's position is then behind it.</summary>
    /// <exception cref="InvalidDataException">It is cut, too large, or has what a file of weights has not.</exception>
    public object? Read()
    {
        stack.Clear();
        marks.Clear();
        memo.Clear();
        try
        {
            while (true)
            {
                var opcode = Byte();
                if (opcode == '.')
                    break;
                if (++opcodes > MostOpcodes || stack.Count + marks.Count > MostStacked)
                    throw new InvalidDataException("it has too many values");
                Run(opcode);
            }
            return stack.Count == 1 && marks.Count == 0
                ? stack[0]
                : throw new InvalidDataException($"it ends with {stack.Count} values");
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{e.Message}, at byte {stream.Position}", e);
        }
    }

    private void Run(byte opcode)
    {
        switch ((char)opcode)
        {
            case '\x80':
                if (Byte() is not (2 or 3) and var protocol)
                    throw new InvalidDataException(
                        $"it is a pickle of protocol {protocol}, and only 2 is read: save it by torch.save without pickle_protocol"
                    );
                break;
            case '(':
                marks.Push(stack.Count);
                break;
            case 'N':
                stack.Add(null);
                break;
            case '\x88' or '\x89':
                stack.Add(opcode == '\x88');
                break;
            case 'K':
                stack.Add((long)Byte());
                break;
            case 'M':
                stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)));
                break;
            case 'J':
                stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)));
                break;
            case '\x8a':
                var number = new BigInteger(Bytes(Byte()));
                stack.Add(
                    number >= long.MinValue && number <= long.MaxValue
                        ? (object)(long)number
                        : number
                );
                break;
            case 'G':
                stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8)));
                break;
            case 'X':
                stack.Add(Encoding.UTF8.GetString(Bytes(Unsigned())));
                break;
            case 'U':
                stack.Add(Encoding.Latin1.GetString(Bytes(Byte())));
                break;
            case ')':
                stack.Add(Array.Empty<object?>());
                break;
            case 't':
                stack.Add(PopToMark());
                break;
            case '\x85' or '\x86' or '\x87':
                stack.Add(Pop(opcode - '\x84'));
                break;
            case ']' or '\x8f':
                stack.Add(new List<object?>());
                break;
            case 'a':
                Append(Pop(1));
                break;
            case 'e':
                Append(PopToMark());
                break;
            case '}':
                stack.Add(new OrderedDictionary<string, object?>());
                break;
            case 's':
                SetItems(Pop(2));
                break;
            case 'u':
                SetItems(PopToMark());
                break;
            case 'q':
                memo[Byte()] = Top();
                break;
            case 'r':
                memo[Unsigned()] = Top();
                break;
            case 'h':
                Recall(Byte());
                break;
            case 'j':
                Recall(Unsigned());
                break;
            case 'c':
                stack.Add(new PickledName(Checked(Line(), Line())));
                break;
            case 'R' or '\x81':
                stack.Add(
                    Pop(2) is [PickledName called, object?[] arguments]
                        ? PickledCalls.Make(called.Name, arguments)
                        : throw new InvalidDataException("it calls what is no function")
                );
                break;
            case 'b':
                var state = Pop(1)[0];
                PickledCalls.SetState(Top(), state);
                break;
            case 'Q':
                stack.Add(
                    Pop(1) is [object?[] id]
                        ? persistent(id)
                        : throw new InvalidDataException("a persistent id is no tuple")
                );
                break;
            default:
                throw new InvalidDataException(
                    $"it has the opcode 0x{opcode:x2}, which PyTorch does not write"
                );
        }
    }

    private static string Checked(string module, string name)
    {
        var attacks = module is "builtins" or "__builtin__"
            ? BuiltinAttacks.Contains(name)
            : Attacks.Contains(module.Split('.')[0]);
        return attacks
            ? throw new InvalidDataException(
                $"it names {module}.{name}, which no weights need: the file was made to run a program of its maker"
            )
            : $"{module}.{name}";
    }

    private void Append(object?[] items)
    {
        // What is appended to an object that is not known goes with it.
        if (Top() is List<object?> list)
            list.AddRange(items);
        else if (Top() is not PickledObject)
            throw new InvalidDataException("it appends to what is no list");
    }

    private void SetItems(object?[] items)
    {
        if (items.Length % 2 != 0)
            throw new InvalidDataException("it has a key without a value");
        if (Top() is OrderedDictionary<string, object?> dictionary)
            PickledCalls.Fill(dictionary, items.Chunk(2));
        else if (Top() is not PickledObject)
            throw new InvalidDataException("it sets items of what is no dictionary");
    }

    private void Recall(uint index) =>
        stack.Add(
            memo.TryGetValue(index, out var value)
                ? value
                : throw new InvalidDataException($"it recalls a value {index} that it has not kept")
        );

    private object? Top() => stack.Count > Floor ? stack[^1] : throw Underflow();

    private object?[] PopToMark() =>
        marks.TryPeek(out var mark) && Pop(stack.Count - mark) is var values && marks.Pop() >= 0
            ? values
            : throw Underflow();

    private object?[] Pop(int count)
    {
        if (stack.Count - count < Floor)
            throw Underflow();
        var values = stack[^count..].ToArray();
        stack.RemoveRange(stack.Count - count, count);
        return values;
    }

    // What lies below a mark is reached only after the mark.
    private int Floor => marks.TryPeek(out var mark) ? mark : 0;

    private static InvalidDataException Underflow() => new("it takes more values than there are");

    private uint Unsigned() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    private string Line()
    {
        var line = new StringBuilder();
        for (byte next; (next = Byte()) != '\n'; line.Append((char)next))
            if (line.Length == LongestName)
                throw new InvalidDataException("it has a name of more than 256 letters");
        return line.ToString();
    }

    private byte Byte() =>
        stream.Position < end && stream.ReadByte() is >= 0 and var next
            ? (byte)next
            : throw new InvalidDataException("it is cut off");

    private byte[] Bytes(long count)
    {
        if (count > LongestText || count > end - stream.Position)
            throw new InvalidDataException($"it claims a text of {count} bytes");
        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
