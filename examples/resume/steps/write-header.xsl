<?xml version="1.0" encoding="UTF-8"?>
<!--
  Reads the parsed job (main document), the selected skills and experiences, and the profile.
  Writes the head of the application: name, headline and contact.  The headline is the job's
  title where the person has held that title, and the last title otherwise.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:str="http://exslt.org/strings" exclude-result-prefixes="str">
  <xsl:include href="text.xsl"/>
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <xsl:param name="skills"/>
  <xsl:param name="experiences"/>
  <xsl:param name="profile"/>

  <xsl:variable name="person" select="document(str:encode-uri($profile, false()))/profile"/>
  <xsl:variable name="chosen-skills"
                select="document(str:encode-uri($skills, false()))/skills/group/skill"/>
  <xsl:variable name="titles"
                select="document(str:encode-uri($experiences, false()))/experiences/experience/title"/>

  <xsl:template match="/job">
    <xsl:variable name="wanted" select="translate(title, $from, $to)"/>
    <xsl:variable name="held" select="$titles[contains($wanted, translate(., $from, $to))]"/>
    <header>
      <xsl:copy-of select="$person/contact/*[self::name or self::city or self::email or
                           self::phone or self::link]"/>
      <headline>
        <xsl:choose>
          <xsl:when test="$held"><xsl:value-of select="$held[1]"/></xsl:when>
          <xsl:otherwise>
            <xsl:for-each select="$titles">
              <xsl:sort select="../@from" order="descending"/>
              <xsl:if test="position() = 1"><xsl:value-of select="."/></xsl:if>
            </xsl:for-each>
          </xsl:otherwise>
        </xsl:choose>
      </headline>
      <xsl:for-each select="$chosen-skills[@level = 'expert']">
        <xsl:sort select="@score" data-type="number" order="descending"/>
        <xsl:if test="position() &lt;= 3">
          <focus><xsl:value-of select="."/></focus>
        </xsl:if>
      </xsl:for-each>
    </header>
  </xsl:template>
</xsl:stylesheet>
