using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace KneeSeg.Samples.Tests;

/// <summary>
/// The public types of an assembly and what can be called on them, a line each, in an order that does not depend on the
/// compiler. What compilers generate and what is overridden is left out.
/// </summary>
internal static class ApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly) =>
        string.Concat(
            assembly
                .GetExportedTypes()
                .Where(type => !IsGenerated(type) && !IsCaseOrTag(type))
                .OrderBy(type => type.FullName, StringComparer.Ordinal)
                .Select(TypeText)
        );

    private static string TypeText(Type type)
    {
        var members = type.IsEnum
            ? Enum.GetNames(type)
                .Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), null)}")
            : type.GetMembers(Declared)
                .Where(member => !IsGenerated(member))
                .Select(MemberText)
                .OfType<string>()
                .Order(StringComparer.Ordinal);
        return string.Concat(
                members
                    .Distinct()
                    .Prepend(Heading(type))
                    .Select((line, i) => $"{(i > 0 ? "    " : "")}{line}\n")
            ) + "\n";
    }

    private static string Heading(Type type)
    {
        var kind =
            type.IsEnum ? "enum"
            : type.IsValueType ? "struct"
            : type.IsInterface ? "interface"
            : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class"
            : type.IsSealed ? "sealed class"
            : "class";
        Type[] bases =
        [
            .. type is { IsClass: true, BaseType: { } parent } && parent != typeof(object)
                ? (Type[])[parent]
                : [],
            .. type.GetInterfaces()
                .Where(one =>
                    one.Namespace?.StartsWith("KneeSeg", StringComparison.Ordinal) == true
                    || one == typeof(IDisposable)
                ),
        ];
        var after = bases is []
            ? ""
            : $" : {string.Join(", ", bases.Select(Name).Order(StringComparer.Ordinal))}";
        return $"{kind} {type.Namespace}.{Name(type)}{after}";
    }

    private static string? MemberText(MemberInfo member) =>
        member switch
        {
            ConstructorInfo { IsStatic: false } made when IsVisible(made) =>
                $"new({Parameters(made)})",
            MethodInfo method
                when IsVisible(method)
                    && method.GetBaseDefinition() == method
                    && (
                        !method.IsSpecialName
                        || method.Name.StartsWith("op_", StringComparison.Ordinal)
                    ) =>
                $"{Static(method.IsStatic)}{method.Name}{Arguments(method)}({Parameters(method)}): {Typed(method.ReturnParameter)}",
            PropertyInfo property when property.GetAccessors(true).Any(IsVisible) =>
                $"{Static(property.GetAccessors(true)[0].IsStatic)}{PropertyName(property)}: {Typed(property)} {Accessors(property)}",
            FieldInfo field when (field.IsPublic || field.IsFamily) && !field.IsSpecialName =>
                $"{(field.IsLiteral ? "const " : Static(field.IsStatic))}{field.Name}: {Name(field.FieldType)}",
            EventInfo happening when happening.AddMethod is { } add && IsVisible(add) =>
                $"event {happening.Name}: {Name(happening.EventHandlerType!)}",
            _ => null,
        };

    private static string PropertyName(PropertyInfo property) =>
        property.GetIndexParameters() is { Length: > 0 } index
            ? $"this[{string.Join(", ", index.Select(ParameterText))}]"
            : property.Name;

    private static string Accessors(PropertyInfo property)
    {
        var get = property.GetMethod is { } getter && IsVisible(getter) ? "get; " : "";
        var set =
            property.SetMethod is not { } setter || !IsVisible(setter) ? ""
            : setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit))
                ? "init; "
            : "set; ";
        return $"{{ {get}{set}}}";
    }

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(ParameterText));

    private static string ParameterText(ParameterInfo parameter)
    {
        var standard =
            !parameter.HasDefaultValue ? ""
            : parameter.DefaultValue is null ? " = default"
            : $" = {Convert.ToString(parameter.DefaultValue, CultureInfo.InvariantCulture)}";
        return $"{(parameter.IsOut ? "out " : "")}{Typed(parameter)} {parameter.Name}{standard}";
    }

    private static string Typed(ParameterInfo parameter) =>
        Name(parameter.ParameterType)
        + Mark(parameter.ParameterType, new NullabilityInfoContext().Create(parameter));

    private static string Typed(PropertyInfo property) =>
        Name(property.PropertyType)
        + Mark(property.PropertyType, new NullabilityInfoContext().Create(property));

    private static string Mark(Type type, NullabilityInfo info) =>
        !type.IsValueType && info.ReadState == NullabilityState.Nullable ? "?" : "";

    private static string Name(Type type)
    {
        if (type.IsByRef || type.IsPointer)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return $"{Name(inner)}?";
        if (type.IsGenericParameter)
            return type.Name;
        var arguments = type.GetGenericArguments();
        if (type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true)
            return $"({string.Join(", ", arguments.Select(Name))})";
        var outer = type.IsNested ? $"{Name(type.DeclaringType!)}." : "";
        var name = type.Name.Split('`')[0];
        return arguments is []
            ? outer + Keyword(type, name)
            : $"{outer}{name}<{string.Join(", ", arguments.Select(Name))}>";
    }

    private static string Keyword(Type type, string name) =>
        type == typeof(string) ? "string"
        : type == typeof(object) ? "object"
        : type == typeof(void) ? "void"
        : type.IsEnum ? name
        : Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => "bool",
            TypeCode.Byte => "byte",
            TypeCode.Char => "char",
            TypeCode.Int16 => "short",
            TypeCode.Int32 => "int",
            TypeCode.Int64 => "long",
            TypeCode.UInt64 => "ulong",
            TypeCode.Single => "float",
            TypeCode.Double => "double",
            _ => name,
        };

    private static string Arguments(MethodInfo method) =>
        method.IsGenericMethod
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(one => one.Name))}>"
            : "";

    private static string Static(bool isStatic) => isStatic ? "static " : "";

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily;

    private static bool IsGenerated(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || member.Name.Contains('<', StringComparison.Ordinal);

    // F# has a nested class for each case of a union, and one for the numbers of cases.
    private static bool IsCaseOrTag(Type type) => type is { IsNested: true, Name: "Tags" };
}
