<?xml version="1.0" encoding="UTF-8"?>
<!--
  Included by assemble.xsl, which declares the parts.  Writes the letter: an opening with the
  motivation that fits best, the stories of the two best experiences and of the best project,
  languages and gaps where the posting asks for them, and the closing.  Whole sentences come
  from the profile, so that it is the applicant who speaks.
-->
<!DOCTYPE xsl:stylesheet [
  <!ENTITY score "sum($keywords[contains(
    concat(' ', normalize-space(translate(current(), $from, $to)), ' '), @match)]/@weight)">
]>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:include href="text.xsl"/>

  <xsl:param name="date"/>

  <xsl:variable name="keywords" select="/job/keyword"/>

  <xsl:template name="letter">
    <letter date="{$date}">
      <xsl:call-template name="recipient"/>
      <paragraph>
        <xsl:value-of select="concat('I would like to apply for the position of ', title)"/>
        <xsl:if test="reference"> (reference <xsl:value-of select="reference"/>)</xsl:if>
        <xsl:text>. </xsl:text>
        <xsl:for-each select="$person/letter/motivation">
          <xsl:sort select="&score;" data-type="number" order="descending"/>
          <xsl:if test="position() = 1"><xsl:value-of select="normalize-space()"/></xsl:if>
        </xsl:for-each>
      </paragraph>
      <xsl:for-each select="$experience-part/experience[position() &lt;= 2]">
        <xsl:sort select="@from" order="descending"/>
        <xsl:variable name="id" select="@id"/>
        <paragraph>
          <xsl:value-of select="normalize-space($person/experiences/experience[@id = $id]/story)"/>
        </paragraph>
      </xsl:for-each>
      <xsl:variable name="more">
        <xsl:variable name="name" select="$project-part/project[1]/name"/>
        <xsl:value-of select="$person/projects/project[name = $name]/story"/>
        <xsl:call-template name="languages"/>
        <xsl:call-template name="gaps"/>
      </xsl:variable>
      <xsl:if test="$more != ''">
        <paragraph><xsl:value-of select="normalize-space($more)"/></paragraph>
      </xsl:if>
      <paragraph><xsl:value-of select="normalize-space($person/letter/closing)"/></paragraph>
      <signature><xsl:value-of select="$header-part/name"/></signature>
    </letter>
  </xsl:template>

  <!-- "Ms Amara Okonjo, Head of Engineering" is greeted as "Dear Ms Okonjo". -->
  <xsl:template name="recipient">
    <xsl:variable name="name" select="substring-before(concat(contact, ','), ',')"/>
    <xsl:variable name="form" select="substring-before($name, ' ')"/>
    <xsl:if test="contact"><to><xsl:value-of select="contact"/></to></xsl:if>
    <to><xsl:value-of select="company"/></to>
    <xsl:if test="location">
      <to><xsl:value-of select="normalize-space(substring-before(concat(location, '('), '('))"/></to>
    </xsl:if>
    <subject>
      <xsl:value-of select="title"/>
      <xsl:if test="reference"> – reference <xsl:value-of select="reference"/></xsl:if>
    </subject>
    <greeting>
      <xsl:text>Dear </xsl:text>
      <xsl:choose>
        <xsl:when test="$name = ''">hiring team</xsl:when>
        <xsl:when test="contains(' Ms Mr Mrs Dr Prof ', concat(' ', translate($form, '.', ''), ' '))
                        and contains(substring-after($name, ' '), ' ')">
          <xsl:value-of select="concat($form, ' ',
                                substring-after(substring-after($name, ' '), ' '))"/>
        </xsl:when>
        <xsl:otherwise><xsl:value-of select="$name"/></xsl:otherwise>
      </xsl:choose>
      <xsl:text>,</xsl:text>
    </greeting>
  </xsl:template>

  <xsl:template name="languages">
    <xsl:variable name="asked" select="$education-part/language[translate(., $from, $to) = $keywords]"/>
    <xsl:if test="$asked">
      <xsl:text> Of the languages that you mention I speak </xsl:text>
      <xsl:for-each select="$asked">
        <xsl:call-template name="separator"/>
        <xsl:value-of select="concat(., ' (', normalize-space(substring-before(concat(@level, '('), '(')), ')')"/>
      </xsl:for-each>
      <xsl:text>.</xsl:text>
    </xsl:if>
  </xsl:template>

  <!-- The letter mentions required skills of which the person has basic knowledge only. -->
  <xsl:template name="gaps">
    <xsl:variable name="basic" select="$skill-part/group/skill[@level = 'basic']"/>
    <xsl:if test="$basic">
      <xsl:text> One thing to be open about: my experience with </xsl:text>
      <xsl:for-each select="$basic">
        <xsl:call-template name="separator"/>
        <xsl:value-of select="."/>
      </xsl:for-each>
      <xsl:text> is basic so far, and I would look forward to learning more.</xsl:text>
    </xsl:if>
  </xsl:template>

  <xsl:template name="separator">
    <xsl:choose>
      <xsl:when test="position() = 1"/>
      <xsl:when test="position() = last()"> and </xsl:when>
      <xsl:otherwise>, </xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
